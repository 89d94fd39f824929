package xray

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/redact"
)

// Exception describes an error in a document.
type Exception struct {
	Type    string
	Message string
	Stack   string // in Go's format
	Caused  bool   // the next exception is the cause
}

const (
	maxChain      = 16 // errors that wrap each other
	maxExceptions = 32
	maxMessage    = 16 << 10 // bytes
)

// Exceptions returns one Exception for err, for each error in its chain, and for each error that
// a joined error holds. It calls the methods of the errors, which are code of the user: they may
// take long, return something else later, or use the span. stack is the stack of err if err
// itself carries none.
func Exceptions(err error, stack string) []Exception {
	var all []Exception
	for range maxChain {
		err = errtype.Unmark(err)
		joined, next := unwrap(err)
		if own := errstack.Of(err); own != "" {
			stack = own
		}
		all = append(all, Exception{TypeName(err), message(err), stack, next != nil})
		for _, err := range joined {
			if err != nil && len(all) < maxExceptions {
				all = append(all, Exception{TypeName(err), message(err), errstack.Of(err), false})
			}
		}
		if next == nil {
			break
		}
		err, stack = next, ""
	}
	for i := range all {
		all[i].Message = strings.Clone(all[i].Message) // it may be part of a large string
	}
	return all
}

// message returns the text of err without credentials. It removes credentials before it cuts the
// text, since the first half of a URL would not be recognized.
func message(err error) string { return cutTo(ErrorText(err), maxMessage) }

// unwrap returns the errors that err wraps, or none if err's methods panic.
func unwrap(err error) (joined []error, next error) {
	defer func() {
		if recover() != nil {
			joined, next = nil, nil
		}
	}()
	if _, ok := err.(*lambdakit.EventError); ok {
		return nil, nil // the text of its cause repeats the event
	}
	if x, ok := err.(interface{ Unwrap() []error }); ok {
		return x.Unwrap(), nil
	}
	return nil, errors.Unwrap(err)
}

// TypeName returns the type name of an error or of a panic value: the errorType that the error
// sets for Lambda, or the Go type.
func TypeName(v any) string {
	if err, ok := v.(errtype.Typed); ok {
		if name := errtype.Of(err); name != "" {
			return name
		}
	}
	return errtype.Name(v)
}

// ErrorText returns the text of an error without the credentials of URLs in it. If the Error
// method panics, the text says so.
func ErrorText(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("(the Error method of a %T panicked)", err)
		}
	}()
	return redact.Text(errtype.Text(err))
}

// PanicText returns the text of a panic value without the credentials of URLs in it. If it
// cannot be printed, the text says so.
func PanicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("(a %T that cannot be printed)", v)
		}
	}()
	if err, ok := v.(error); ok {
		return redact.Text(errtype.Text(err))
	}
	return redact.Text(fmt.Sprint(v))
}
