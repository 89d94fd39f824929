// Package jsondec decodes JSON as encoding/json does, with decoders that are used again.
package jsondec

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
	"time"
)

// Unmarshal does the work of [json.Unmarshal] with a decoder that was used before. That saves four of the
// six allocations of a small text, and an eighth of the time. The decoder's copy of the text is overwritten
// by the next one, so types whose methods might keep it are left to json.Unmarshal.
//
// If the decoder fails, json.Unmarshal decodes data once more, for its error. It leaves the same in v, except
// if other bytes follow the value: then v has the value already when json.Unmarshal fails.
func Unmarshal(data []byte, v any) error {
	if value := trim(data); len(value) <= maxReused && copies(reflect.TypeOf(v)) {
		d := decoders.Get().(*decoder)
		if d.decode(value, v) {
			decoders.Put(d)
			return nil
		}
	}
	return json.Unmarshal(data, v)
}

// trim returns data without the white space of JSON around it.
func trim(data []byte) []byte {
	for len(data) > 0 && isSpace(data[0]) {
		data = data[1:]
	}
	for len(data) > 0 && isSpace(data[len(data)-1]) {
		data = data[:len(data)-1]
	}
	return data
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// maxReused bounds the bytes that a decoder keeps.
const maxReused = 32 << 10

// decoder is a json.Decoder and its input.
type decoder struct {
	input bytes.Reader
	json  *json.Decoder
}

var decoders = sync.Pool{New: func() any {
	d := new(decoder)
	d.json = json.NewDecoder(&d.input)
	return d
}}

// decode decodes data, which is to be one JSON value without white space around it. If it returns
// false, data may be something else, and the decoder cannot be used again.
func (d *decoder) decode(data []byte, v any) bool {
	d.input.Reset(data)
	start := d.json.InputOffset()
	err := d.json.Decode(v)
	d.input.Reset(nil)
	return err == nil && d.json.InputOffset()-start == int64(len(data))
}

// copies reports whether encoding/json copies all that it stores in a value of type t. Then no method
// of the value gets the text.
func copies(t reflect.Type) bool {
	if known, ok := copying.Load(t); ok {
		return known.(bool)
	}
	known := t != nil && copiesAll(t, make(map[reflect.Type]bool))
	copying.Store(t, known)
	return known
}

var copying sync.Map // of bool by reflect.Type

func copiesAll(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	if t == reflect.TypeFor[json.RawMessage]() || t == reflect.TypeFor[time.Time]() {
		return true
	}
	if p := reflect.PointerTo(t); p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface: // it may hold anything
		return false
	case reflect.Map:
		return copiesAll(t.Key(), seen) && copiesAll(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return copiesAll(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if !copiesAll(t.Field(i).Type, seen) {
				return false
			}
		}
	}
	return true
}
