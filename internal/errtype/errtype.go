// Package errtype determines the errorType that Lambda reports for an error. It is the name of the Go
// type, unless the error represents an error of another type.
//
// Other modules import this package, so it changes only by addition.
package errtype

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// Mark is the argument of ErrorType. Types outside lambdakit cannot name it, so they do not
// implement Typed by accident.
type Mark struct{}

// Typed is an error that represents an error of another type, such as a stored one.
type Typed interface {
	error
	ErrorType(Mark) string
}

// Unmark returns the error that err only marks, such as one of batch.Permanent: logs and traces show
// the type of the user's error.
func Unmark(err error) error {
	for range 100 { // a chain may be a cycle
		m, ok := err.(interface{ Unmark(Mark) error })
		if !ok {
			break
		}
		err = m.Unmark(Mark{})
	}
	return err
}

// Of returns the errorType that aws-lambda-go reports for Wire(err).
func Of(err error) string {
	if typed, ok := err.(Typed); ok {
		return typed.ErrorType(Mark{})
	}
	return OfPanic(err)
}

// OfPanic returns the errorType that aws-lambda-go reports for a panic with the value v.
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

// Wire returns the error to return to aws-lambda-go. A Typed error becomes a
// messages.InvokeResponse_Error, the only type whose errorType aws-lambda-go copies. Other errors
// are returned unchanged.
func Wire(err error) error {
	if typed, ok := err.(Typed); ok {
		return messages.InvokeResponse_Error{Type: typed.ErrorType(Mark{}), Message: typed.Error()}
	}
	return err
}

// Name returns the type of an error or of a panic's value for logs and traces. It is the Type field of
// a messages.InvokeResponse_Error, or the type as %T prints it.
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

// Text returns the text of an error. For a messages.InvokeResponse_Error it is the message, since the
// Error method prints Go syntax. For other errors it is the result of Error.
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
