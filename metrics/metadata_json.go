package metrics

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// encodeMetadata returns a value as JSON. Common types do without encoding/json.
func encodeMetadata(value any) (text []byte, err error) {
	defer func() {
		if v := recover(); v != nil { // a MarshalJSON of the user
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	switch v := value.(type) {
	case string:
		return jsonenc.AppendString(nil, v), nil
	case int:
		return jsonenc.AppendInt(nil, int64(v)), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	}
	if text, err = json.Marshal(value); err != nil {
		return nil, err
	}
	return correctJSON(text)
}

// correctJSON replaces bytes that are not UTF-8 and removes repeated members: encoding/json copies
// both from a json.RawMessage and from the result of a MarshalJSON.
func correctJSON(text []byte) ([]byte, error) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if !repeats(text) {
		return text, nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// repeats reports whether an object in a compact JSON text has two members of one name.
func repeats(text []byte) bool {
	var objects []object // the open objects, the outermost first
	var names [][]byte   // of their members so far
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			objects = append(objects, object{first: len(names)})
		case '}':
			last := len(objects) - 1
			names, objects = names[:objects[last].first], objects[:last]
		case '"':
			end, _ := jsonscan.Skip(text, i)
			if end < len(text) && text[end] == ':' {
				name := unescaped(text[i:end])
				if o := &objects[len(objects)-1]; o.has(names, name) {
					return true
				}
				names = append(names, name)
			}
			i = end - 1
		}
	}
	return false
}

// unescaped returns the name in a quoted key.
func unescaped(key []byte) []byte {
	if bytes.IndexByte(key, '\\') >= 0 {
		name, _ := jsonscan.String(key)
		return []byte(name)
	}
	return key[1 : len(key)-1]
}

// object is an object whose members are being read.
type object struct {
	first int                 // index of its first name
	index map[string]struct{} // its names, once there are many
}

// indexFrom is the number of members from which an object has an index.
const indexFrom = 24

// has reports whether the object has a member with the name so far.
func (o *object) has(names [][]byte, name []byte) bool {
	own := names[o.first:]
	if len(own) < indexFrom {
		return slices.ContainsFunc(own, func(x []byte) bool { return bytes.Equal(x, name) })
	}
	if o.index == nil {
		o.index = make(map[string]struct{}, 4*indexFrom)
		for _, x := range own {
			o.index[string(x)] = struct{}{}
		}
	}
	if _, ok := o.index[string(name)]; ok {
		return true
	}
	o.index[string(name)] = struct{}{}
	return false
}
