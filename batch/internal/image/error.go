package image

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

var (
	errSyntax    = errors.New("not the JSON of DynamoDB attributes")
	errDepth     = fmt.Errorf("nested deeper than %d levels", maxDepth)
	errDuplicate = errors.New("two attributes have the same name")
)

// fieldError is an error with the path of the Go field, such as Items[].Price.
type fieldError struct {
	path string
	err  error
}

func (e *fieldError) Error() string { return e.path + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// within adds a step to the path of err: the name of a field, or [] for an element.
func within(step string, err error) error {
	inner, ok := err.(*fieldError)
	switch {
	case err == nil:
		return nil
	case !ok:
		return &fieldError{step, err}
	case strings.HasPrefix(inner.path, "["):
		return &fieldError{step + inner.path, inner.err}
	}
	return &fieldError{step + "." + inner.path, inner.err}
}

// mismatch is the error of a DynamoDB type that does not decode into a Go type.
func mismatch(kind string, v reflect.Value) error {
	return fmt.Errorf("cannot decode the DynamoDB type %s into %s", kind, v.Type())
}

// invalid is the error of a value that a Go type cannot hold.
func invalid(kind string, v reflect.Value) error {
	return fmt.Errorf("the value of DynamoDB type %s is not valid for %s", kind, v.Type())
}
