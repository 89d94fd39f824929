package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// metadata is a member of documents that is neither a metric nor a dimension.
type metadata struct {
	name   string
	member []byte // "name":value,
}

const maxMetadata = 1000 // members

// AddMetadata adds a member to the documents of the invocation that is no dimension: it
// can be searched in the log, and costs no metric. The value is encoded as JSON now; a
// later one of the same name replaces it. An invocation has at most 1,000 members, which fill
// at most three quarters of Options.MaxDocumentBytes together with the dimensions: a member
// that does not fit is left out and reported. It finds its invocation as AddDimensions does.
func AddMetadata(ctx context.Context, name string, value any) {
	sc := scopes(ctx)
	if sc == nil {
		return
	}
	text, err := encodeMetadata(value)
	name = strings.ToValidUTF8(name, "\uFFFD")
	for ; sc != nil; sc = sc.next {
		if err != nil || name == "_aws" {
			sc.m.problem("metadata "+shortened(name), "metadata %.60q cannot be encoded as JSON, or has the name of EMF's own member; it is left out", name)
			continue
		}
		switch sc.addMetadata(name, text) {
		case tooMany:
			sc.m.problem("metadata count", "an invocation has more than %d members of metadata; %.60q is left out", maxMetadata, name)
		case tooLarge:
			sc.m.metadataTooLarge(name)
		}
	}
}

func (m *Meter) metadataTooLarge(name string) {
	m.problem("metadata size "+shortened(name), "metadata %.60q: metadata and dimensions leave no room for it in a document of %d bytes; it is left out", name, m.maxBytes)
}

// encodeMetadata spares the usual values encoding/json.
func encodeMetadata(value any) (text []byte, err error) {
	defer func() {
		if v := recover(); v != nil { // of the value's own MarshalJSON
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	switch v := value.(type) {
	case string:
		return jsonenc.AppendString(nil, v), nil
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case bool:
		return strconv.AppendBool(nil, v), nil
	}
	if text, err = json.Marshal(value); err != nil {
		return nil, err
	}
	return mend(text)
}

// mend replaces bytes that are not UTF-8, which encoding/json takes over from a
// json.RawMessage and from what a MarshalJSON returns, and members that come twice.
func mend(text []byte) ([]byte, error) {
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
	var objects []object // the ones that are open
	var names [][]byte   // of their members
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

func unescaped(key []byte) []byte {
	if bytes.IndexByte(key, '\\') >= 0 {
		name, _ := jsonscan.String(key)
		return []byte(name)
	}
	return key[1 : len(key)-1]
}

// object is an object whose names are read.
type object struct {
	first int // of its names
	index map[string]struct{}
}

// indexFrom is the number of members from which they are looked up in an index.
const indexFrom = 24

// has reports whether an object has a member of that name already.
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

// refusal says why metadata are left out.
type refusal uint8

const (
	taken refusal = iota
	tooMany
	tooLarge
)

// addMetadata adds a member, or replaces the one of its name. Documents may be reading the
// list, so that it is copied to change a member of it.
func (sc *scope) addMetadata(name string, text []byte) refusal {
	member := jsonenc.AppendString(make([]byte, 0, len(name)+len(text)+4), name)
	member = append(append(append(member, ':'), text...), ',')
	sc.mu.Lock()
	defer sc.mu.Unlock()
	i := slices.IndexFunc(sc.metadata, func(old metadata) bool { return old.name == name })
	if i >= 0 {
		sc.metaSize -= len(sc.metadata[i].member)
		sc.metadata = slices.Clone(sc.metadata)
	}
	switch fits := sc.metaSize+len(member) <= sc.m.metadataRoom(); {
	case i < 0 && len(sc.metadata) >= maxMetadata:
		return tooMany
	case i < 0 && fits:
		sc.metadata = append(sc.metadata, metadata{name, member})
	case i >= 0 && fits:
		sc.metadata[i].member = member
	default:
		if i >= 0 {
			sc.metadata = slices.Delete(sc.metadata, i, i+1) // its value is out of date
		}
		return tooLarge
	}
	sc.metaSize += len(member)
	return taken
}

// metadataRoom returns how many bytes of a document metadata and dimensions may fill.
func (m *Meter) metadataRoom() int { return m.maxBytes*3/4 - overhead }

// fitMetadata takes the metadata that leave room for metrics, in their order.
func (d *document) fitMetadata(all []metadata) {
	d.meta, d.hasID = d.meta[:0], false
	d.metaLen = len(d.id)*6 + len(requestID) + len(`"":"",`)
	room := d.m.metadataRoom() - len(d.names) - len(d.members) - d.metaLen
	for _, x := range all {
		if len(x.member) > room {
			d.m.metadataTooLarge(x.name)
			continue
		}
		room -= len(x.member)
		d.metaLen += len(x.member)
		d.hasID = d.hasID || x.name == requestID
		d.meta = append(d.meta, x)
	}
}

// appendMetadata appends the metadata that no other member of the document has the name of.
func (d *document) appendMetadata(dst []byte) []byte {
	for _, x := range d.meta {
		if d.taken(x.name) {
			d.m.problem("collision of metadata "+shortened(x.name), "metadata %.60q have the name of a metric or dimension of the same document; they are left out", x.name)
			continue
		}
		dst = append(dst, x.member...)
	}
	return dst
}
