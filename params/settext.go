package params

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit"
)

// decode returns the value of text and whether text fits the field. It returns no error, because
// errors of decoders may contain the text.
func (f *field) decode(text string) (v reflect.Value, ok bool) {
	defer func() { recover() }() // a decoder that panics leaves ok false
	v = reflect.New(f.value.Type()).Elem()
	switch {
	case f.base64:
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
		if err != nil {
			return v, false
		}
		if v.Kind() == reflect.String {
			v.SetString(string(b))
		} else {
			v.SetBytes(b)
		}
		return v, true
	case f.json:
		return v, json.Unmarshal([]byte(text), v.Addr().Interface()) == nil
	}
	return v, setText(v, text)
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// settable reports whether setText supports a type.
func settable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String || t.Elem().Kind() == reflect.Uint8
	}
	return false
}

// setText sets v to the value of text and reports whether text fits.
func setText(v reflect.Value, text string) bool {
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		if !setText(p.Elem(), text) {
			return false
		}
		v.Set(p)
		return true
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText(unmarshalText(v.Type(), []byte(text))) == nil
	}
	trimmed := strings.TrimSpace(text)
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(trimmed)
		v.SetInt(int64(d))
		return err == nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(trimmed)
		v.SetBool(b)
		return err == nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(trimmed, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(trimmed, 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(trimmed, v.Type().Bits())
		v.SetFloat(n)
		return err == nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text))
			return true
		}
		return setList(v, trimmed)
	}
	return true
}

// unmarshalText returns the text for the UnmarshalText of a type. It removes the white space around
// the text, as for numbers and booleans, unless the type is a Secret or embeds one.
func unmarshalText(t reflect.Type, text []byte) []byte {
	if isSecret(t) {
		return text
	}
	return trim(text)
}

func isSecret(t reflect.Type) bool {
	if t == reflect.TypeFor[lambdakit.Secret]() {
		return true
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if f := t.Field(i); f.Anonymous && isSecret(f.Type) {
				return true
			}
		}
	}
	return false
}

// setList sets a slice of strings from a list separated by commas, the format of StringList in
// Parameter Store.
func setList(v reflect.Value, text string) bool {
	var parts []string
	if text != "" {
		parts = strings.Split(text, ",")
	}
	list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
	for i, part := range parts {
		if !setText(list.Index(i), strings.TrimSpace(part)) {
			return false
		}
	}
	v.Set(list)
	return true
}
