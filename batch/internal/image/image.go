package image

import (
	"fmt"
	"reflect"
)

// maxDepth is the limit for attribute values inside each other. DynamoDB stores at most 32.
const maxDepth = 100

// Unmarshal decodes an image into the value that v points to. Errors name Go fields and types, and
// contain nothing of the image. If Unmarshal fails, the value may be partly decoded.
func Unmarshal(image []byte, v any) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("image: cannot decode into %T, which is not a pointer to a value", v)
	}
	d := decoder{text: image}
	err := d.decode("M", indirect(p), options{})
	if err == nil && d.space() != len(image) {
		err = errSyntax
	}
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	return nil
}

// indirect returns the value behind the pointers of v, which it allocates if they are nil.
func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	return v
}
