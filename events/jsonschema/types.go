package jsonschema

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// types are the values of the keyword type.
var types = []string{"null", "boolean", "object", "array", "number", "integer", "string"}

// checkTypes returns an error if a type in a schema does not exist. The library accepts such a schema,
// and no data would be valid.
func checkTypes(s *jsonschema.Schema) error {
	if s == nil {
		return nil
	}
	for _, t := range append([]string{s.Type}, s.Types...) {
		if t != "" && !slices.Contains(types, t) {
			return fmt.Errorf("jsonschema: the schema has the type %q, which does not exist", t)
		}
	}
	for f, v := range reflect.ValueOf(s).Elem().Fields() {
		if !f.IsExported() {
			continue
		}
		switch inner := v.Interface().(type) {
		case *jsonschema.Schema:
			if err := checkTypes(inner); err != nil {
				return err
			}
		case []*jsonschema.Schema:
			for _, i := range inner {
				if err := checkTypes(i); err != nil {
					return err
				}
			}
		case map[string]*jsonschema.Schema:
			for _, i := range inner {
				if err := checkTypes(i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
