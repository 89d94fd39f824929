package params

import (
	"errors"
	"fmt"
	"io"
)

// Errors of sources, for errors.Is. The source's own error stays in the chain.
var (
	ErrNotFound     = errors.New("not found")
	ErrAccessDenied = errors.New("access denied")
	ErrThrottled    = errors.New("throttled")
	ErrUnsupported  = errors.New("not supported by the source")
)

// DecodeError says that a parameter has a value that does not decode. The value is not
// part of it, nor is the text of the decoder's error, which may hold it; errors.Is and
// errors.As see that error.
type DecodeError struct {
	Name string // of the parameter
	Want string // what it should have been, such as "JSON" or "duration"

	cause error
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("params: the value of %q is no %s", e.Name, e.Want)
}

// Format implements fmt.Formatter: no verb shows more than Error says.
func (e *DecodeError) Format(f fmt.State, _ rune) { io.WriteString(f, e.Error()) }

// Is implements what errors.Is looks for.
func (e *DecodeError) Is(target error) bool { return e.cause != nil && errors.Is(e.cause, target) }

// As implements what errors.As looks for.
func (e *DecodeError) As(target any) bool { return e.cause != nil && errors.As(e.cause, target) }

// kindError marks an error of a source as one of those above.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }

// WithKind marks err, for errors.Is, as being ErrNotFound, ErrAccessDenied or ErrThrottled.
// It is for sources.
func WithKind(err, kind error) error { return &kindError{kind, err} }
