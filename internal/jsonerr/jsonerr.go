// Package jsonerr describes errors of encoding/json without repeating the text that was decoded, which
// may contain secrets.
package jsonerr

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Describe tells why valid JSON does not fit t: the path of the field, such as "items.price", the number
// of bytes read before, -1 if unknown, and the reason. The reason has the message of a method such
// as UnmarshalJSON, which may repeat the text, only if local is true.
func Describe(t reflect.Type, err error, local bool) (field string, offset int64, reason string) {
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return knownField(t, bad.Field), bad.Offset, fmt.Sprintf("a JSON %s does not fit the Go type %v", jsonKind(bad.Value), bad.Type)
	}
	reason = fmt.Sprintf("a type's own decoding failed with %T", err)
	if local {
		reason += fmt.Sprintf(": %.1024v", err) // fmt recovers a panic of the Error method
	}
	return "", -1, reason
}

// jsonKind returns the kind of a JSON value from the description in an UnmarshalTypeError, such as
// "array" or "number 12".
func jsonKind(description string) string {
	kind, _, _ := strings.Cut(description, " ")
	switch kind {
	case "string", "number", "bool", "array", "object", "null":
		return kind
	}
	return "value"
}

// knownField returns path without the parts that come from the event. Names of struct fields of t
// stay. A key of a map becomes "*"; encoding/json includes such keys in some paths and omits them
// in others. The result ends before the first unknown name.
func knownField(t reflect.Type, path string) string {
	var known []string
	for name := range strings.SplitSeq(path, ".") {
		t = innermostType(t)
		if t != nil && t.Kind() == reflect.Map {
			inner := t
			for inner != nil && inner.Kind() == reflect.Map {
				inner = innermostType(inner.Elem())
			}
			if inner.Kind() != reflect.Struct || fieldType(inner, name) == nil {
				known, t = append(known, "*"), t.Elem()
				continue
			}
			t = inner
		}
		if t != nil && t.Kind() == reflect.Struct {
			t = fieldType(t, name)
		} else {
			t = nil
		}
		if t == nil {
			break
		}
		known = append(known, name)
	}
	return strings.Join(known, ".")
}

// innermostType strips all pointers, slices and arrays from t and returns the innermost element type.
func innermostType(t reflect.Type) reflect.Type {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		t = t.Elem()
	}
	return t
}

// fieldType returns the type of the field of t whose JSON name is name; nil if t has none.
func fieldType(t reflect.Type, name string) reflect.Type {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		embedded := f.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		switch {
		case tag == name, tag == "" && f.Name == name:
			return f.Type
		case f.Anonymous && tag == "" && embedded.Kind() == reflect.Struct:
			if found := fieldType(embedded, name); found != nil {
				return found
			}
		}
	}
	return nil
}
