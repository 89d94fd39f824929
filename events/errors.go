package events

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/lambdakit/lambdakit/internal/jsonerr"
)

// Errors of received events. All are permanent failures of a record: see package batch. ErrMalformed is
// also the error of an event to publish that has no ID, Source or Type.
var (
	ErrMalformed    = errors.New("events: not an event")
	ErrUnknownType  = errors.New("events: unknown type")
	ErrNewerVersion = errors.New("events: newer version")
)

// Errors of events that were not published.
var (
	// ErrTooLarge is the error of an event that is larger than the service takes.
	ErrTooLarge = errors.New("events: the event is too large")

	// ErrSkipped is the error of an event that was not sent, because an earlier one of its group
	// failed and the service keeps the order.
	ErrSkipped = errors.New("events: an earlier event of the group was not published")
)

// PublishError says which events were not published. errors.Is and errors.As find the errors of all of
// them.
type PublishError struct {
	Of     int       // the number of events that were to be published
	Failed []Failure // in the order of the arguments of Publish
}

// Failure is an event that was not published.
type Failure struct {
	Index int // of the argument of Publish
	Metadata
	Err error
}

func (e *PublishError) Error() string {
	if len(e.Failed) == 0 {
		return "events: not published"
	}
	first := e.Failed[0]
	return fmt.Sprintf("events: %d of %d events were not published; the first is %s %s: %v", len(e.Failed), e.Of, first.Type, first.ID, first.Err)
}

// Unwrap returns the errors of all events.
func (e *PublishError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}

// Transient marks the error of a [Sender] as one that another attempt may change, such as throttling.
// It returns nil if err is nil.
func Transient(err error) error {
	if err == nil {
		return nil
	}
	return &transientError{err}
}

// IsTransient reports whether err, or an error that it wraps, is the result of [Transient].
func IsTransient(err error) bool {
	var t *transientError
	return errors.As(err, &t)
}

type transientError struct{ err error }

func (e *transientError) Error() string { return e.err.Error() }
func (e *transientError) Unwrap() error { return e.err }

// DataError reports that the data of an event do not fit their type. Its text contains only types and
// fields, because data may contain secrets.
type DataError struct {
	Type  reflect.Type
	Field string // path of the field, such as "items.price"; empty if unknown
	Err   error  // of encoding/json; its text may repeat the data, so errors.As does not find it

	reason string
}

func newDataError(t reflect.Type, err error) *DataError {
	e := &DataError{Type: t, Err: err}
	e.Field, _, e.reason = jsonerr.Describe(t, err, false)
	return e
}

func (e *DataError) Error() string { return fmt.Sprintf("events: decode %v: %s", e.Type, e.reason) }
