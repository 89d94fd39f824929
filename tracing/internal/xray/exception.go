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

// Exception is an error as a document has it.
type Exception struct {
	Type    string
	Message string
	Stack   string // as Go prints stacks
	Caused  bool   // by the next one
}

const (
	maxChain      = 16 // errors that wrap each other
	maxExceptions = 32
	maxMessage    = 16 << 10 // bytes
)

// Exceptions returns err and what it wraps, as it is now: the methods of errors belong to
// others, and may change their minds, take long, or use the span that this is for. stack is
// that of err, unless it carries one. Of several errors that are joined, each comes.
func Exceptions(err error, stack string) []Exception {
	var all []Exception
	for range maxChain {
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
		all[i].Message = strings.Clone(all[i].Message) // it may be part of something large
	}
	return all
}

// message returns the text of err without credentials. They are taken out before the text is
// cut, since half of a URL cannot be recognized.
func message(err error) string { return cutTo(ErrorText(err), maxMessage) }

// unwrap returns what err wraps, whatever its methods do.
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

// TypeName returns the type of an error or of a panic's value: the Go type, unless the error
// itself says which errorType Lambda gets.
func TypeName(v any) string {
	if err, ok := v.(errtype.Typed); ok {
		if name := errtype.Of(err); name != "" {
			return name
		}
	}
	return errtype.Name(v)
}

// ErrorText returns the text of an error without the credentials of URLs in it, whatever its
// Error method does.
func ErrorText(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("(the Error method of a %T panicked)", err)
		}
	}()
	return redact.Text(errtype.Text(err))
}

// PanicText returns the text of a panic's value without the credentials of URLs in it.
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
