package idempotency

import (
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit/internal/errtype"
)

// Errors for errors.Is. Their texts name keys, which are digests, and nothing of events and
// results.
var (
	// ErrNoKey says that the event has nothing to make a key of. The function has not run.
	ErrNoKey = errors.New("the event has no idempotency key")

	// ErrEvent says that Options.Key, KeyFunc or Validate failed on the event: it is not JSON,
	// or a body is not, or there is no body where powertools_json looks into it. The function
	// has not run.
	ErrEvent = errors.New("the event is not what its key is made of")

	// ErrInProgress says that another call runs with the same key.
	ErrInProgress = errors.New("a call with this key is in progress")

	// ErrPayloadMismatch says that the key was used with another payload.
	ErrPayloadMismatch = errors.New("the key was used with another payload")

	// ErrLeaseLost says that a run took so long that another took over, or that its record
	// is gone. What it did is done; what it returns is not what duplicates get.
	ErrLeaseLost = errors.New("the lease is lost to another run")

	// ErrNotRecorded says that the work is done, and that the store did not confirm the
	// record of it: a call after the lease may do the work again. Call returns it together
	// with the result. A caller whose own caller would repeat a failed call takes it for
	// success. The Middleware answers with the response, and marks the invocation as failed.
	ErrNotRecorded = errors.New("the work is done, but it is not known to be recorded: a call after the lease may do it again")

	// ErrRefused is wrapped by the error of a Store that no further attempt can change:
	// access is denied, or there is no such table.
	ErrRefused = errors.New("the store refuses the request")

	// ErrResultLost says that the run with this key has completed, but its result could not
	// be stored.
	ErrResultLost = errors.New("the result could not be stored")

	// ErrResultType says that a stored result does not decode into the type that Call is to
	// return: the type has changed since, or does not decode what it encodes.
	ErrResultType = errors.New("the stored result is not of this type")

	// ErrCodec says that the record was written with another Options.Codec, or with one while
	// there is none now, or without one while there is one now.
	ErrCodec = errors.New("the stored result is of another codec")

	// ErrTooLarge is what a Store's Complete returns, having changed nothing, where the
	// result does not fit.
	ErrTooLarge = errors.New("the result is too large for the store")

	// ErrFull is what the memory store's Begin returns where it holds as many running
	// records as it may.
	ErrFull = errors.New("the store is full of runs in progress")

	// ErrInconsistent says that a record is in a state that this package does not know, or
	// changes faster than it can be read.
	ErrInconsistent = errors.New("the record is in no state to go on")

	// ErrStream says that a response stream cannot be stored. The function has not run.
	ErrStream = errors.New("a response stream cannot be stored and replayed; use Call inside the function")
)

// StoredError is the error of the first call with a key, which Options.Final had stored, given
// to a duplicate. errors.Is finds the error of Options.Final in it.
type StoredError struct {
	Name    string // in Options.Final
	Type    string // name of the Go type of the error that the first call returned
	Message string

	final error
}

func (e *StoredError) Error() string { return e.Message }

// ErrorType makes the errorType that Lambda gives to a caller that of the first call's error.
func (e *StoredError) ErrorType(errtype.Mark) string { return e.Type }

// Unwrap returns the error that Options.Final has under the name.
func (e *StoredError) Unwrap() error { return e.final }

func keyError(key string, err error) error {
	return fmt.Errorf("idempotency: key %s: %w", key, err)
}
