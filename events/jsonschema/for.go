package jsonschema

import (
	"fmt"
	"reflect"

	"github.com/lambdakit/lambdakit/events/schema"
)

// For returns the check of the schema of T. The schema is the one that package schema, and so
// "lambdakit events schema", writes for the type, with the constraints in its tags. For panics if T has no
// form in JSON, or if a tag does not fit its field.
func For[T any]() func(data []byte) error {
	text, err := schema.OfType(reflect.TypeFor[T](), schema.Draft2020)
	if err != nil {
		panic(fmt.Sprintf("jsonschema: For: %v", err))
	}
	return Must(text)
}
