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

// Execution is a call that runs, or was answered with a stored result. [FromContext] finds it.
type Execution struct {
	guard      *Guard
	key        string
	owner      string
	validation string
	replayed   bool
	outer      *Execution // the one in which this one began

	concluded atomic.Bool // its record is completed or deleted, as far as that could be done
	abandoned atomic.Bool // its Begin was given up: a record that it still writes is deleted

	mu    sync.Mutex
	lease time.Time
}

// isWithin reports whether the run of that token is one in which x began, and not over yet.
func (x *Execution) isWithin(owner string) bool {
	for a := x.outer; a != nil; a = a.outer {
		if a.owner == owner && owner != "" && !a.concluded.Load() {
			return true
		}
	}
	return false
}

// Key returns the key of the run in the store.
func (x *Execution) Key() string {
	if x == nil {
		return ""
	}
	return x.key
}

// Replayed reports whether the call was answered with a stored result.
func (x *Execution) Replayed() bool { return x != nil && x.replayed }

// maxExtension keeps times within what they can express.
const maxExtension = 10 * 365 * 24 * time.Hour

// Extend lets the run go on for d from now, where that is longer than it may already. It is
// for functions that take longer than Options.Lease without a deadline, or go on after it.
// Where another run has taken over, it is an ErrLeaseLost: the function should stop.
func (x *Execution) Extend(ctx context.Context, d time.Duration) error {
	if x == nil || x.replayed || x.guard == nil {
		return errors.New("idempotency: nothing runs here whose lease could be extended")
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.guard.now()
	lease := milliseconds(now.Add(min(max(d, 0), maxExtension) + x.guard.o.LeaseMargin))
	if lease.Before(x.lease) {
		lease = x.lease // which the store may not have any more: it is asked all the same
	}
	rec := x.record(InProgress)
	rec.Lease, rec.Expiration = lease, x.guard.expiration(now, lease)
	until := earlier(now.Add(beginTimeouts*x.guard.o.StoreTimeout), lease.Add(-x.guard.o.LeaseMargin))
	if err := x.guard.change(ctx, until, x.guard.store.Extend, rec); err != nil {
		return keyError(x.key, fmt.Errorf("extend: %w", err))
	}
	x.lease = lease
	return nil
}

func (x *Execution) record(s Status) *Record {
	return &Record{Key: x.key, Status: s, Owner: x.owner, Validation: x.validation}
}

// complete stores the outcome of the run. Its error is an ErrLeaseLost or an ErrNotRecorded.
// OnError hears of the second as well.
func (x *Execution) complete(ctx context.Context, out outcome) error {
	data := out.encode()
	if codec := x.guard.o.Codec; codec != nil {
		encoded, err := x.encode(ctx, func() ([]byte, error) { return codec.Encode(out.envelope()) })
		if err != nil {
			return x.completeLost(ctx, "the codec failed", err)
		}
		data = append([]byte(codecMark), encoded...)
	}
	err := x.store(ctx, data)
	if errors.Is(err, ErrTooLarge) {
		return x.completeLost(ctx, "it is too large for the store", err)
	}
	return x.completeError(err)
}

// completeLost completes a run whose result cannot be stored: the work is done, and must not be done
// again. Of an encoder's error only the type is told, since its text may hold parts of the
// result.
func (x *Execution) completeLost(ctx context.Context, why string, err error) error {
	report := errors.New(why)
	switch {
	case errors.Is(err, ErrTooLarge):
		report = err
	case err != nil:
		report = fmt.Errorf("%s (%T)", why, err)
	}
	x.guard.report.Report(keyError(x.key, fmt.Errorf("the work is done, and its duplicates will get an error: %w", report)))
	return x.completeError(x.store(ctx, outcome{lost: why}.encode()))
}

// completeError returns the error of a Complete for the caller of the run.
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

// store completes the record, for as long as the run may take.
func (x *Execution) store(ctx context.Context, data []byte) error {
	x.concluded.Store(true)
	rec := x.record(Completed)
	rec.Expiration = x.guard.expiration(x.guard.now(), time.Time{})
	rec.Data = data
	if !x.guard.memory {
		rec.Data = bytes.Clone(data) // a request that was given up may still read it
	}
	err := x.guard.change(context.WithoutCancel(ctx), x.lastMoment(ctx), x.guard.store.Complete, rec)
	if err == nil {
		x.guard.cache.put(rec)
	}
	return err
}

// encode calls an encoder that is not ours. Where it panics the work is done all the same: the
// record says so, and the panic goes on.
func (x *Execution) encode(ctx context.Context, marshal func() ([]byte, error)) ([]byte, error) {
	returned := false
	defer func() {
		if !returned {
			x.completeLost(ctx, "encoding it panicked", nil)
		}
	}()
	data, err := marshal()
	returned = true
	return data, err
}

// release deletes the record of a run that failed, so that the next call runs. If it cannot,
// OnError hears of it: the caller gets the error of the run.
func (x *Execution) release(ctx context.Context) {
	x.concluded.Store(true)
	if err := x.delete(ctx, x.lastMoment(ctx)); err != nil {
		x.guard.report.Report(keyError(x.key, fmt.Errorf("delete, after the run failed: %w", err)))
	}
}

func (x *Execution) delete(ctx context.Context, until time.Time) error {
	return x.guard.change(context.WithoutCancel(ctx), until, x.guard.store.Delete, x.record(InProgress))
}

// releaseUnfinished releases a run that neither returned nor was concluded: it panicked.
func (x *Execution) releaseUnfinished(ctx context.Context) {
	if !x.concluded.Load() {
		x.release(ctx)
	}
}

// begin asks the store for the record of the run.
func (x *Execution) begin(ctx context.Context, rec *Record, now, until time.Time) (existing *Record, err error) {
	return request(ctx, x.guard, until, func(ctx context.Context) (*Record, error) {
		existing, err := x.guard.store.Begin(ctx, rec, now)
		if x.abandoned.Load() { // too late: nobody waits for it any more
			x.guard.store.Delete(context.WithoutCancel(ctx), x.record(InProgress))
		}
		return existing, err
	})
}

// withdraw deletes the record of a run whose Begin failed: the store may have written it all
// the same, and nobody runs. That holds for a refusal too, since clients send a request again
// by themselves: the first one may have been done. If that fails as well, OnError hears of it.
func (x *Execution) withdraw(ctx context.Context) {
	x.abandoned.Store(true)
	until := earlier(x.lastMoment(ctx), x.guard.now().Add(releaseTimeouts*x.guard.o.StoreTimeout))
	if err := x.delete(ctx, until); err != nil && !errors.Is(err, ErrLeaseLost) && !errors.Is(err, ErrRefused) {
		x.guard.report.Report(keyError(x.key, fmt.Errorf("delete, after Begin failed: %w; if the record was written, the key is locked until %s",
			err, x.lease.UTC().Format(time.RFC3339))))
	}
}
