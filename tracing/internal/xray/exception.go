package xray

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errstack"
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
	var urls []string
	for range maxChain {
		urls = append(urls, urlOf(err)...)
		joined, next := unwrap(err)
		if own := errstack.Of(err); own != "" {
			stack = own
		}
		all = append(all, Exception{TypeName(err), cutTo(ErrorText(err), maxMessage), stack, next != nil})
		for _, err := range joined {
			urls = append(urls, urlOf(err)...)
			if err != nil && len(all) < maxExceptions {
				all = append(all, Exception{TypeName(err), cutTo(ErrorText(err), maxMessage), errstack.Of(err), false})
			}
		}
		if next == nil {
			break
		}
		err, stack = next, ""
	}
	for i := range all {
		m := all[i].Message
		for _, u := range urls {
			m = strings.ReplaceAll(m, u, safeURL(u))
		}
		all[i].Message = strings.Clone(m) // it may be part of something large
	}
	return all
}

// urlOf returns the URL that an error of net/http has in its text, and of all that wrap it.
func urlOf(err error) []string {
	if u, ok := err.(*url.Error); ok && u != nil && u.URL != "" {
		return []string{u.URL}
	}
	return nil
}

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

// TypeName returns the name of the type of an error, or of a panic's value.
func TypeName(v any) string { return fmt.Sprintf("%T", v) }

// ErrorText returns the text of an error, whatever its Error method does.
func ErrorText(err error) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("(the Error method of a %T panicked)", err)
		}
	}()
	return err.Error()
}

// PanicText returns the text of what panic was called with.
func PanicText(v any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("(a %T that cannot be printed)", v)
		}
	}()
	if err, ok := v.(error); ok {
		return err.Error()
	}
	return fmt.Sprint(v)
}
