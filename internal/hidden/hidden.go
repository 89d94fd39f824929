// Package hidden finds values that encode as [redacted]. Encoded, all of them are equal, and the secret is
// lost.
package hidden

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"

	"github.com/lambdakit/lambdakit"
)

// Mark is what a lambdakit.Secret and a secret params.Value encode as.
const Mark = "[redacted]"

const redacted = `"` + Mark + `"`

// In reports whether v, which encodes as text, contains a value whose own method encodes it as [redacted].
func In(v any, text []byte) bool {
	return bytes.Contains(text, []byte(redacted)) && (&search{seen: make(map[place]bool)}).in(reflect.ValueOf(v), false)
}

var (
	jsonType   = reflect.TypeFor[json.Marshaler]()
	textType   = reflect.TypeFor[encoding.TextMarshaler]()
	rawType    = reflect.TypeFor[json.RawMessage]()
	secretType = reflect.TypeFor[lambdakit.Secret]()
)

// search follows the values that encoding/json encodes. A type that encodes itself may encode any of its
// fields, so all of them are followed, and these may contain cycles.
type search struct{ seen map[place]bool }

type place struct {
	address uintptr
	length  int // of a slice: two may begin at one address
	t       reflect.Type
}

// in searches v. own says that v is in a value that encodes itself.
func (s *search) in(v reflect.Value, own bool) bool {
	if !v.IsValid() || v.Type() == rawType {
		return false
	}
	t := v.Type()
	if t == secretType {
		return true
	}
	self := v
	if v.CanAddr() { // its pointer has all methods
		self = v.Addr()
	}
	if v.CanInterface() && (self.Type().Implements(jsonType) || self.Type().Implements(textType)) {
		text, err := json.Marshal(self.Interface())
		if err != nil || !bytes.Contains(text, []byte(redacted)) {
			return false
		}
		if own = true; string(text) == redacted {
			return true
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		at := place{address: v.Pointer(), t: t}
		if v.Kind() == reflect.Slice {
			at.length = v.Len()
		}
		if s.seen[at] {
			return false
		}
		s.seen[at] = true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return s.in(v.Elem(), own)
	case reflect.Struct:
		for f, field := range v.Fields() {
			encoded := (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-"
			if (own || encoded) && s.in(field, own) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if s.in(v.Index(i), own) {
				return true
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if s.in(key, own) || s.in(value, own) {
				return true
			}
		}
	}
	return false
}
