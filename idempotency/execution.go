package idempotency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Execution is a call that runs its function, or a duplicate that got a stored answer.
// [FromContext] returns it.
type Execution struct {
	guard      *Guard
	key        string
	owner      string // token of the record
	validation string
	replayed   bool
	outer      *Execution // the execution that this one began in

	ended atomic.Bool // its record was completed or deleted, or the attempts failed

	mu    sync.Mutex
	lease time.Time // end of the lease
}

// isWithin reports whether x began inside an execution with this token that has not ended.
func (x *Execution) isWithin(owner string) bool {
	for a := x.outer; a != nil; a = a.outer {
		if a.owner == owner && owner != "" && !a.ended.Load() {
			return true
		}
	}
	return false
}

// Key returns the key of the record in the store.
func (x *Execution) Key() string {
	if x == nil {
		return ""
	}
	return x.key
}

// Replayed reports whether the call got a stored answer.
func (x *Execution) Replayed() bool { return x != nil && x.replayed }

// maxExtension is the longest extension. Longer ones would overflow a time.
const maxExtension = 10 * 365 * 24 * time.Hour

// Extend lets the execution go on for d from now. It never shortens the lease. Use it in a
// function that takes longer than Options.Lease and has no deadline, or that goes on after its
// deadline. If another execution has taken over, the error is an ErrLeaseLost, and the function
// should stop.
func (x *Execution) Extend(ctx context.Context, d time.Duration) error {
	if x == nil || x.replayed || x.guard == nil {
		return errors.New("idempotency: extend: no execution is running in this context")
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.guard.now()
	lease := milliseconds(now.Add(min(max(d, 0), maxExtension) + x.guard.options.LeaseMargin))
	if lease.Before(x.lease) {
		lease = x.lease // the store is asked, because it may have lost this lease
	}
	rec := x.record(InProgress)
	rec.Lease, rec.Expiration = lease, x.guard.expiration(now, lease)
	until := earlier(now.Add(beginTimeouts*x.guard.options.StoreTimeout), lease.Add(-x.guard.options.LeaseMargin))
	if err := x.guard.change(ctx, until, x.guard.store.Extend, rec); err != nil {
		return keyError(x.key, fmt.Errorf("extend: %w", err))
	}
	x.lease = lease
	return nil
}

func (x *Execution) record(s Status) *Record {
	return &Record{Key: x.key, Status: s, Owner: x.owner, Validation: x.validation}
}

// complete stores the outcome. Its error is an ErrLeaseLost or an ErrNotRecorded. OnError gets the
// ErrNotRecorded too.
func (x *Execution) complete(ctx context.Context, out outcome) error {
	data := out.encode()
	if codec := x.guard.options.Codec; codec != nil {
		encoded, err := x.encode(ctx, func() ([]byte, error) { return codec.Encode(out.envelope()) })
		if err != nil {
			return x.completeWithoutResult(ctx, "the codec failed", err)
		}
		data = append([]byte(codecMark), encoded...)
	}
	err := x.store(ctx, data)
	if errors.Is(err, ErrTooLarge) {
		return x.completeWithoutResult(ctx, "it is too large for the store", err)
	}
	return x.completeError(err)
}

// completeWithoutResult completes the record of work whose result cannot be stored, so that the
// work is not done again. The report contains only the type of an encoder's error, because its
// text may contain parts of the result.
func (x *Execution) completeWithoutResult(ctx context.Context, reason string, err error) error {
	report := errors.New(reason)
	switch {
	case errors.Is(err, ErrTooLarge):
		report = err
	case err != nil:
		report = fmt.Errorf("%s (%T)", reason, err)
	}
	x.guard.report.Report(keyError(x.key, fmt.Errorf("the work is done, and its duplicates will get an error: %w", report)))
	return x.completeError(x.store(ctx, outcome{lost: reason}.encode()))
}

// completeError returns the error that the caller gets for an error of Complete.
func (x *Execution) completeError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrLeaseLost):
		return keyError(x.key, fmt.Errorf("complete: %w", err))
	}
	err = keyError(x.key, fmt.Errorf("complete: %w: %w", ErrNotRecorded, err))
	x.guard.report.Report(err)
	return err
}

// store completes the record with data.
func (x *Execution) store(ctx context.Context, data []byte) error {
	x.ended.Store(true)
	rec := x.record(Completed)
	rec.Expiration = x.guard.expiration(x.guard.now(), time.Time{})
	rec.Data = data
	if !x.guard.inMemory {
		rec.Data = bytes.Clone(data) // an abandoned request may still read it
	}
	err := x.guard.change(context.WithoutCancel(ctx), x.cleanupDeadline(ctx), x.guard.store.Complete, rec)
	if err == nil {
		x.guard.cache.put(rec)
	}
	return err
}

// encode calls an encoder of the user. If it panics, the work is done nevertheless: the record is
// completed without a result, and the panic continues.
func (x *Execution) encode(ctx context.Context, marshal func() ([]byte, error)) ([]byte, error) {
	returned := false
	defer func() {
		if !returned {
			x.completeWithoutResult(ctx, "encoding it panicked", nil)
		}
	}()
	data, err := marshal()
	returned = true
	return data, err
}

// deleteAfterFailure deletes the record of a function that failed, so that the next call runs. If
// that fails, OnError gets the error, and the caller the error of the function.
func (x *Execution) deleteAfterFailure(ctx context.Context) {
	x.ended.Store(true)
	if err := x.delete(ctx, x.cleanupDeadline(ctx)); err != nil {
		x.guard.report.Report(keyError(x.key, fmt.Errorf("delete, after the function failed: %w", err)))
	}
}

// deleteAfterPanic deletes the record of a function that panicked. It is deferred, and does nothing
// if the function returned.
func (x *Execution) deleteAfterPanic(ctx context.Context) {
	if !x.ended.Load() {
		x.deleteAfterFailure(ctx)
	}
}

func (x *Execution) delete(ctx context.Context, until time.Time) error {
	return x.guard.change(context.WithoutCancel(ctx), until, x.guard.store.Delete, x.record(InProgress))
}
