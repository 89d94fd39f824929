package image_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"github.com/lambdakit/lambdakit/batch/internal/image"
)

// FuzzUnmarshal compares with an implementation on encoding/json, and decodes into structs.
func FuzzUnmarshal(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.image))
	}
	for _, s := range []string{`{`, `{}x`, `{"a":{"S":"x","N":"1"}}`, `{"a":{"L":[{"S":"\x"}]}}`, `{"a":{"S":"a"},"\u0061":{"S":"b"}}`, `{"a":{"NULL":1}}`, `{"a":{"M":{,}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got any
		err := image.Unmarshal(text, &got)
		want, wantErr := reference(text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: got error %v, want %v", text, err, wantErr)
		}
		// As text, since NaN is not equal to itself.
		if g, w := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); err == nil && g != w {
			t.Errorf("%q: got %s, want %s", text, g, w)
		}
		for _, c := range cases {
			image.Unmarshal(text, reflect.New(reflect.TypeOf(c.want)).Interface())
		}
	})
}

var errReference = errors.New("not an image")

// object is a JSON object with its members in order, as names may come twice.
type object []member

type member struct {
	name  string
	value any
}

// reference decodes an image into a map.
func reference(text []byte) (any, error) {
	if !json.Valid(text) {
		return nil, errReference
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	return referenceMap(tree(dec), 0)
}

// tree reads a value of a valid JSON text.
func tree(dec *json.Decoder) any {
	token, _ := dec.Token()
	switch token {
	case json.Delim('{'):
		o := object{}
		for dec.More() {
			name, _ := dec.Token()
			o = append(o, member{name.(string), tree(dec)})
		}
		dec.Token()
		return o
	case json.Delim('['):
		l := []any{}
		for dec.More() {
			l = append(l, tree(dec))
		}
		dec.Token()
		return l
	}
	return token
}

func referenceMap(x any, depth int) (any, error) {
	o, ok := x.(object)
	m := map[string]any{}
	for _, e := range o {
		value, err := referenceValue(e.value, depth+1)
		if _, twice := m[e.name]; twice || err != nil {
			return nil, errReference
		}
		m[e.name] = value
	}
	if !ok {
		return nil, errReference
	}
	return m, nil
}

func referenceValue(x any, depth int) (any, error) {
	o, _ := x.(object)
	if len(o) != 1 || depth > 100 {
		return nil, errReference
	}
	switch value := o[0].value.(type) {
	case string:
		switch o[0].name {
		case "S", "N", "B":
			return referenceScalar(o[0].name, value)
		}
	case bool:
		switch o[0].name {
		case "BOOL":
			return value, nil
		case "NULL":
			return nil, nil
		}
	case object:
		if o[0].name == "M" {
			return referenceMap(value, depth)
		}
	case []any:
		switch o[0].name {
		case "L":
			return collect(value, func(x any) (any, error) { return referenceValue(x, depth+1) })
		case "SS":
			return collect(value, referenceElement[string]("S"))
		case "NS":
			return collect(value, referenceElement[float64]("N"))
		case "BS":
			return collect(value, referenceElement[[]byte]("B"))
		}
	}
	return nil, errReference
}

func collect[T any](list []any, convert func(any) (T, error)) (any, error) {
	s := []T{}
	for _, x := range list {
		value, err := convert(x)
		if err != nil {
			return nil, err
		}
		s = append(s, value)
	}
	return s, nil
}

func referenceElement[T any](kind string) func(any) (T, error) {
	return func(x any) (T, error) {
		var zero T
		text, ok := x.(string)
		if !ok {
			return zero, errReference
		}
		value, err := referenceScalar(kind, text)
		if err != nil {
			return zero, err
		}
		return value.(T), nil
	}
}

func referenceScalar(kind, text string) (any, error) {
	switch kind {
	case "N":
		return strconv.ParseFloat(text, 64)
	case "B":
		return base64.StdEncoding.DecodeString(text)
	}
	return text, nil
}
