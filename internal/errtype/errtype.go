// Package errtype says what the errorType of an error is in Lambda: the name of its Go type,
// unless it stands for an error of another type.
package errtype

import (
	"fmt"
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

// Name returns the type of an error, or of a panic's value, as logs and traces name it: as %T
// prints it, or the type that a messages.InvokeResponse_Error was given.
func Name(v any) string {
	switch v := v.(type) {
	case messages.InvokeResponse_Error:
		if v.Type != "" {
			return v.Type
		}
	case *messages.InvokeResponse_Error:
		if v != nil && v.Type != "" {
			return v.Type
		}
	}
	return fmt.Sprintf("%T", v)
}

// Text returns the text of an error: the message of a messages.InvokeResponse_Error, whose
// Error method prints Go syntax, and what Error returns for all others.
func Text(err error) string {
	switch e := err.(type) {
	case messages.InvokeResponse_Error:
		return e.Message
	case *messages.InvokeResponse_Error:
		if e != nil {
			return e.Message
		}
	}
	return err.Error()
}
