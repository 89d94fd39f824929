package jsonschema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// For returns a function like [New], with a schema that For makes from the type T. Types with a
// MarshalJSON method may be any JSON, and types with a MarshalText method are strings.
//
// It panics if T is recursive, or has parts for which For has no schema:
//
//   - functions, channels, complex numbers, and maps whose keys are numbers
//   - the option "string" in a json tag
//   - embedded pointers, and embedded structs with a name in a json tag
func For[T any]() func(data []byte) error {
	t := reflect.TypeFor[T]()
	types := own{schemas: map[reflect.Type]*jsonschema.Schema{}, seen: map[reflect.Type]bool{}}
	types.add(t)
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: types.schemas})
	if err != nil {
		panic(fmt.Sprintf("jsonschema: For[%v]: %v", t, err))
	}
	loosen(s)
	check, err := newCheck(s)
	if err != nil {
		panic(fmt.Sprintf("jsonschema: For[%v]: %v", t, err))
	}
	return check
}

// own has the schemas of types that the library describes differently from encoding/json.
type own struct {
	schemas map[reflect.Type]*jsonschema.Schema
	seen    map[reflect.Type]bool
}

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// add adds the types that t consists of.
func (o *own) add(t reflect.Type) {
	if o.seen[t] {
		return
	}
	o.seen[t] = true
	pointer := reflect.PointerTo(t)
	switch {
	case t.Kind() == reflect.Pointer: // the library goes to the element, too
		o.add(t.Elem())
	case t == reflect.TypeFor[time.Time](), t.Kind() == reflect.Interface:
	case t.Implements(marshaler) || pointer.Implements(marshaler) || t == reflect.TypeFor[json.Number]():
		o.schemas[t] = anything()
	case t.Implements(textMarshaler):
		o.schemas[t] = &jsonschema.Schema{Types: []string{"null", "string"}}
	case pointer.Implements(textMarshaler): // only addressable values use the method
		o.schemas[t] = anything()
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && !marshals(t.Elem()):
		o.schemas[t] = &jsonschema.Schema{Types: []string{"null", "string"}} // base64
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			o.addField(t, f)
		}
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		o.add(t.Elem())
	}
}

func (o *own) addField(t reflect.Type, f reflect.StructField) {
	tag := f.Tag.Get("json")
	if tag == "-" || !f.IsExported() && !f.Anonymous {
		return
	}
	name, options, _ := strings.Cut(tag, ",")
	refuse := func(reason string) {
		panic(fmt.Sprintf("jsonschema: For: the field %s of %v %s; write a schema", f.Name, t, reason))
	}
	if slices.Contains(strings.Split(options, ","), "string") {
		refuse("has the option \"string\"")
	}
	if f.Anonymous && (name != "" || f.Type.Kind() == reflect.Pointer) {
		refuse("is embedded with a name or as a pointer")
	}
	o.add(f.Type)
}

// anything returns the schema of any value. Unlike the empty schema, it may get another type.
func anything() *jsonschema.Schema {
	return &jsonschema.Schema{Types: []string{"null", "boolean", "object", "array", "number", "string"}}
}

func marshals(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(marshaler) || p.Implements(textMarshaler)
}

// loosen allows members that a struct does not have, and null for nil maps.
func loosen(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if isFalse(s.AdditionalProperties) {
		s.AdditionalProperties = nil
	} else if s.AdditionalProperties != nil && s.Type == "object" {
		s.Type, s.Types = "", []string{"null", "object"}
	}
	loosen(s.AdditionalProperties)
	loosen(s.Items)
	for _, p := range s.Properties {
		loosen(p)
	}
}

func isFalse(s *jsonschema.Schema) bool {
	return s != nil && s.Not != nil && reflect.ValueOf(*s.Not).IsZero()
}
