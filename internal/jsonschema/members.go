package jsonschema

import (
	"reflect"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonfields"
)

// member is a field of a struct as encoding/json sees it.
type member struct {
	*jsonfields.Field
	required bool // it has the tag required
	omit     bool // it can be absent from the output
	filled   bool // it is absent if it is nil
	quoted   bool // a number or bool in a string
}

func membersOf(t reflect.Type) []member {
	fields := jsonfields.Of(t)
	members := make([]member, len(fields))
	for i, f := range fields {
		members[i] = memberOf(f)
	}
	return members
}

func memberOf(f *jsonfields.Field) member {
	of := f.Type
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	m := member{Field: f, omit: f.Behind, required: f.Tag.Get("required") == "true"}
	for option := range strings.SplitSeq(f.Options, ",") {
		switch option {
		case "omitempty", "omitzero":
			m.omit, m.filled = true, true
		case "string":
			switch of.Kind() {
			case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
				reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
				reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
				m.quoted = true
			}
		}
	}
	return m
}
