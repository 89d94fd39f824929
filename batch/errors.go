package batch

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/jsonerr"
)

// ErrDeadline is the cause of a handler's context that ends because the deadline of the invocation
// is near. It is also the error of a record whose handler has not returned by then.
var ErrDeadline = errors.New("batch: the deadline of the invocation is near")

// Permanent marks err as an error that another attempt cannot change. errors.Is and errors.As find
// err in the result. Permanent returns nil if err is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

// IsPermanent reports whether err, or an error that it wraps, is permanent: the result of
// [Permanent], or a [DecodeError] whose cause is not [Transient]. An error whose methods panic, such as
// a nil pointer, is not permanent.
func IsPermanent(err error) (permanent bool) {
	defer func() {
		if recover() != nil { // a panic here would end the process
			permanent = false
		}
	}()
	_, marked := errors.AsType[*permanentError](err)
	_, decoding := errors.AsType[*DecodeError](err)
	_, transient := errors.AsType[*transientError](err)
	return marked || decoding && !transient
}

// Transient marks the error of a [Decoder] as one that another attempt may change, for example
// because a schema registry does not answer. Transient returns nil if err is nil.
func Transient(err error) error {
	if err == nil {
		return nil
	}
	return &transientError{err}
}

type transientError struct{ err error }

func (e *transientError) Error() string { return e.err.Error() }
func (e *transientError) Unwrap() error { return e.err }

// Unmark implements the interface of package errtype.
func (e *transientError) Unmark(errtype.Mark) error { return e.err }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// Unmark implements the interface of package errtype.
func (e *permanentError) Unmark(errtype.Mark) error { return e.err }

// RetryAfter returns an error that says when the record should be tried again. Package visibility of
// the module aws passes it on to the queue. errors.Is and errors.As find err in it. RetryAfter
// returns nil if err is nil.
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &retryAfterError{err, max(d, 0)}
}

// RetryDelay returns the time that [RetryAfter] added to err. ok is false if err has no such time.
func RetryDelay(err error) (d time.Duration, ok bool) {
	r, ok := errors.AsType[*retryAfterError](err)
	if !ok {
		return 0, false
	}
	return r.delay, true
}

type retryAfterError struct {
	err   error
	delay time.Duration
}

func (e *retryAfterError) Error() string { return e.err.Error() }
func (e *retryAfterError) Unwrap() error { return e.err }

// Unmark implements the interface of package errtype.
func (e *retryAfterError) Unmark(errtype.Mark) error { return e.err }

// PanicError is the error of a record whose handler panicked.
type PanicError struct {
	Value any // the argument of panic
	stack []uintptr
}

// newPanicError is called by the deferred function that recovered value.
func newPanicError(value any) *PanicError {
	pcs := make([]uintptr, 64)
	const own = 4 // runtime.Callers, newPanicError, the deferred function, panic
	return &PanicError{value, pcs[:runtime.Callers(own, pcs)]}
}

// Error describes the panic in at most 1,024 bytes of its value.
func (e *PanicError) Error() string {
	const most = 1024
	text := fmt.Sprint(e.Value)
	return "panic: " + strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// StackTrace returns the program counters of the panic, for runtime.CallersFrames.
func (e *PanicError) StackTrace() []uintptr { return e.stack }

// DecodeError reports that the payload of a record does not fit the type of the handler. Its text
// contains only types and fields, because a payload may contain secrets.
type DecodeError struct {
	Type  reflect.Type // the type of the body; nil if the payload could not be read
	Field string       // path of the field, such as "items.price"; empty if unknown
	Err   error        // the error of the Decoder; errors of encoding/json may repeat the payload

	reason   string
	fromJSON bool
}

// newDecodeError describes why a Decoder failed. local says that the text may repeat the payload.
func newDecodeError(t reflect.Type, err error, local bool) *DecodeError {
	e := &DecodeError{Type: t, Err: err}
	fromJSON, ok := errors.AsType[*jsonError](err)
	switch {
	case !ok:
		e.reason = err.Error()
	case isSyntaxError(err):
		e.Err, e.fromJSON, e.reason = fromJSON.err, true, "it is not JSON"
		if t == reflect.TypeFor[string]() {
			e.reason += "; Options.Decoder batch.Text takes it as text"
		}
	default:
		e.Err, e.fromJSON = fromJSON.err, true
		e.Field, _, e.reason = jsonerr.Describe(t, fromJSON.err, local)
	}
	return e
}

// payloadError is an error whose text does not repeat the payload.
type payloadError struct{ text string }

func (e *payloadError) Error() string { return e.text }

func problem(format string, args ...any) error { return &payloadError{fmt.Sprintf(format, args...)} }

// Error describes the error without repeating the payload.
func (e *DecodeError) Error() string {
	if e.Type == nil {
		return "batch: " + e.reason
	}
	text := fmt.Sprintf("batch: decode the payload into %v: ", e.Type)
	if e.Field != "" {
		text += fmt.Sprintf("field %q: ", e.Field)
	}
	return text + e.reason
}

// Unwrap returns Err, unless it is an error of encoding/json.
func (e *DecodeError) Unwrap() error {
	if e.fromJSON {
		return nil
	}
	return e.Err
}
