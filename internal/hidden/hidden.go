// Package hidden finds values that encode as [redacted]. Encoded, all of them are equal, and the secret is
// lost.
package hidden

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
)

// redacted is how a lambdakit.Secret and a secret params.Value encode.
const redacted = `"[redacted]"`

// In reports whether v, which encodes as text, contains a value whose own method encodes it as [redacted].
func In(v any, text []byte) bool {
	return bytes.Contains(text, []byte(redacted)) && within(reflect.ValueOf(v))
}

var (
	jsonType = reflect.TypeFor[json.Marshaler]()
	textType = reflect.TypeFor[encoding.TextMarshaler]()
)

// within follows the values that encoding/json encodes. Those contain no cycle, because they were encoded.
func within(v reflect.Value) bool {
	if !v.IsValid() {
		return false
	}
	if t := v.Type(); v.CanInterface() && (t.Implements(jsonType) || t.Implements(textType)) {
		text, err := json.Marshal(v.Interface())
		return err == nil && string(text) == redacted
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return within(v.Elem())
	case reflect.Struct:
		for f, field := range v.Fields() {
			if (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" && within(field) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if within(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			if within(key) || within(value) {
				return true
			}
		}
	}
	return false
}
