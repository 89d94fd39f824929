// Package errtype says what the errorType of an error is in Lambda: the name of its Go type,
// unless it stands for an error of another type.
package errtype

import (
	"reflect"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// Mark keeps methods of others from being taken for that of a Typed error.
type Mark struct{}

// Typed is an error that stands for another, such as one that was stored.
type Typed interface {
	error
	ErrorType(Mark) string
}

// Of returns the errorType of err as aws-lambda-go makes it of what Wire returns.
func Of(err error) string {
	if typed, ok := err.(Typed); ok {
		return typed.ErrorType(Mark{})
	}
	return OfPanic(err)
}

// OfPanic returns the errorType of the value of a panic as aws-lambda-go makes it, which is
// given it as it is.
func OfPanic(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case messages.InvokeResponse_Error:
		return v.Type
	}
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// Wire returns what aws-lambda-go is to be given for err: a Typed error in the one type whose
// errorType it takes as it is, all others as they are.
func Wire(err error) error {
	if typed, ok := err.(Typed); ok {
		return messages.InvokeResponse_Error{Type: typed.ErrorType(Mark{}), Message: typed.Error()}
	}
	return err
}
