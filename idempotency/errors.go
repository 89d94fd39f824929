package idempotency

import (
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit/internal/errtype"
)

// Errors for errors.Is. Their texts contain keys, which are digests, but no part of an event or a
// result.
var (
	// ErrNoKey means that the event has no value for the key. The function has not run.
	ErrNoKey = errors.New("the event has no idempotency key")

	// ErrEvent means that Options.Key, KeyFunc or Validate failed for the event: the event or its
	// body is not JSON, or powertools_json found no body. The function has not run.
	ErrEvent = errors.New("the idempotency key cannot be computed from the event")

	// ErrInProgress means that another call with the same key is running.
	ErrInProgress = errors.New("a call with this key is in progress")

	// ErrPayloadMismatch means that the key was used with another payload.
	ErrPayloadMismatch = errors.New("the key was used with another payload")

	// ErrLeaseLost means that another execution has taken over, because this one ran longer than
	// its lease, or that the record is gone. The function has run. Duplicates do not get its
	// result.
	ErrLeaseLost = errors.New("the lease is lost to another execution")

	// ErrNotRecorded means that the function has run, and the store did not confirm that its
	// record is completed: a call after the lease may run again. Call returns this error together
	// with the result. Treat it as success if your caller would retry a failed call. The
	// Middleware answers with the response and marks the invocation as failed.
	ErrNotRecorded = errors.New("the work is done, but it is not known to be recorded: a call after the lease may do it again")

	// ErrRefused is wrapped by an error of a Store that a retry cannot change, such as denied
	// access or a missing table.
	ErrRefused = errors.New("the store refuses the request")

	// ErrResultLost means that the execution with this key has completed, but its result could
	// not be stored.
	ErrResultLost = errors.New("the result could not be stored")

	// ErrResultType means that a stored result does not decode into the type that Call returns:
	// the type has changed, or it cannot decode its own encoding.
	ErrResultType = errors.New("the stored result is not of this type")

	// ErrCodec means that the record was written with another Options.Codec than the current one.
	// No Codec counts as another one.
	ErrCodec = errors.New("the stored result is of another codec")

	// ErrTooLarge is returned by Complete of a Store if the result does not fit. The record has
	// not changed.
	ErrTooLarge = errors.New("the result is too large for the store")

	// ErrFull is returned by Begin of the memory store if all of its records are in progress.
	ErrFull = errors.New("the store is full of executions in progress")

	// ErrInconsistent means that a record has an unknown status, or changes faster than it can be
	// read.
	ErrInconsistent = errors.New("the record is in an inconsistent state")

	// ErrStream means that the handler streams its response, which cannot be stored. The function
	// has not run.
	ErrStream = errors.New("a response stream cannot be stored and replayed; use Call inside the function")
)

// StoredError is the error that a duplicate gets if the first call returned an error of
// Options.Final. errors.Is finds the error of Options.Final in it.
type StoredError struct {
	Name    string // in Options.Final
	Type    string // name of the Go type of the first call's error
	Message string

	final error
}

func (e *StoredError) Error() string { return e.Message }

// ErrorType returns the errorType that Lambda reports to the caller: the type of the first call's
// error.
func (e *StoredError) ErrorType(errtype.Mark) string { return e.Type }

// Unwrap returns the error of Options.Final with this name.
func (e *StoredError) Unwrap() error { return e.final }

func keyError(key string, err error) error {
	return fmt.Errorf("idempotency: key %s: %w", key, err)
}
