package params

import (
	"errors"
	"fmt"
	"io"
)

// Errors of sources, for errors.Is. The error of the service stays in the chain.
var (
	ErrNotFound     = errors.New("not found")
	ErrAccessDenied = errors.New("access denied")
	ErrThrottled    = errors.New("throttled")
	ErrUnsupported  = errors.New("not supported by the source")
)

// DecodeError is the error for a value that does not decode. Its text contains neither the value
// nor the text of the decoder's error, which may contain the value. errors.Is and errors.As find
// the decoder's error.
type DecodeError struct {
	Name string // of the parameter
	Want string // the expected type, such as "JSON" or "duration"

	cause error
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("params: the value of %q does not decode as %s", e.Name, e.Want)
}

// Format implements fmt.Formatter. It writes the text of Error for every verb.
func (e *DecodeError) Format(f fmt.State, _ rune) { io.WriteString(f, e.Error()) }

// Is reports whether the decoder's error matches target. errors.Is calls it.
func (e *DecodeError) Is(target error) bool { return e.cause != nil && errors.Is(e.cause, target) }

// As finds an error in the chain of the decoder's error. errors.As calls it.
func (e *DecodeError) As(target any) bool { return e.cause != nil && errors.As(e.cause, target) }

// kindError adds ErrNotFound, ErrAccessDenied or ErrThrottled to the chain of an error.
type kindError struct{ kind, err error }

func (e *kindError) Error() string   { return e.err.Error() }
func (e *kindError) Unwrap() []error { return []error{e.kind, e.err} }

// WithKind returns an error with the text of err that errors.Is also matches with kind:
// ErrNotFound, ErrAccessDenied or ErrThrottled. Sources call it.
func WithKind(err, kind error) error { return &kindError{kind, err} }
