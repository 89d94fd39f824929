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

// Run is a call that runs, or was answered with a stored result. [FromContext] finds it.
type Run struct {
	i          *Idempotency
	key        string
	owner      string
	validation string
	replayed   bool
	around     *Run // the one in which this one began

	concluded atomic.Bool // its record is completed or deleted, as far as that could be done
	abandoned atomic.Bool // its Begin was given up: a record that it still writes is deleted

	mu    sync.Mutex
	lease time.Time
}

// isWithin reports whether the run of that token is one in which r began, and not over yet.
func (r *Run) isWithin(owner string) bool {
	for a := r.around; a != nil; a = a.around {
		if a.owner == owner && owner != "" && !a.concluded.Load() {
			return true
		}
	}
	return false
}

// Key returns the key of the run in the store.
func (r *Run) Key() string {
	if r == nil {
		return ""
	}
	return r.key
}

// Replayed reports whether the call was answered with a stored result.
func (r *Run) Replayed() bool { return r != nil && r.replayed }

// maxExtension keeps times within what they can express.
const maxExtension = 10 * 365 * 24 * time.Hour

// Extend lets the run go on for d from now, where that is longer than it may already. It is
// for functions that take longer than Options.Lease without a deadline, or go on after it.
// Where another run has taken over, it is an ErrLeaseLost: the function should stop.
func (r *Run) Extend(ctx context.Context, d time.Duration) error {
	if r == nil || r.replayed || r.i == nil {
		return errors.New("idempotency: nothing runs here whose lease could be extended")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.i.now()
	lease := milliseconds(now.Add(min(max(d, 0), maxExtension) + r.i.o.LeaseMargin))
	if lease.Before(r.lease) {
		lease = r.lease // which the store may not have any more: it is asked all the same
	}
	rec := r.record(InProgress)
	rec.Lease, rec.Expiration = lease, r.i.expiration(now, lease)
	until := earlier(now.Add(beginTimeouts*r.i.o.StoreTimeout), lease.Add(-r.i.o.LeaseMargin))
	if err := r.i.change(ctx, until, r.i.store.Extend, rec); err != nil {
		return keyError(r.key, fmt.Errorf("extend: %w", err))
	}
	r.lease = lease
	return nil
}

func (r *Run) record(s Status) *Record {
	return &Record{Key: r.key, Status: s, Owner: r.owner, Validation: r.validation}
}

// complete stores the outcome of the run. Its error is an ErrLeaseLost or an ErrNotRecorded.
// OnError hears of the second as well.
func (r *Run) complete(ctx context.Context, out outcome) error {
	data := out.encode()
	if codec := r.i.o.Codec; codec != nil {
		encoded, err := r.guard(ctx, func() ([]byte, error) { return codec.Encode(out.envelope()) })
		if err != nil {
			return r.lose(ctx, "the codec failed", err)
		}
		data = append([]byte(codecMark), encoded...)
	}
	err := r.store(ctx, data)
	if errors.Is(err, ErrTooLarge) {
		return r.lose(ctx, "it is too large for the store", err)
	}
	return r.completeError(err)
}

// lose completes a run whose result cannot be stored: the work is done, and must not be done
// again. Of an encoder's error only the type is told, since its text may hold parts of the
// result.
func (r *Run) lose(ctx context.Context, why string, err error) error {
	report := errors.New(why)
	switch {
	case errors.Is(err, ErrTooLarge):
		report = err
	case err != nil:
		report = fmt.Errorf("%s (%T)", why, err)
	}
	r.i.report.Report(keyError(r.key, fmt.Errorf("the work is done, and its duplicates will get an error: %w", report)))
	return r.completeError(r.store(ctx, outcome{lost: why}.encode()))
}

// completeError returns the error of a Complete for the caller of the run.
func (r *Run) completeError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrLeaseLost):
		return keyError(r.key, fmt.Errorf("complete: %w", err))
	}
	err = keyError(r.key, fmt.Errorf("complete: %w: %w", ErrNotRecorded, err))
	r.i.report.Report(err)
	return err
}

// store completes the record, for as long as the run may take.
func (r *Run) store(ctx context.Context, data []byte) error {
	r.concluded.Store(true)
	rec := r.record(Completed)
	rec.Expiration = r.i.expiration(r.i.now(), time.Time{})
	rec.Data = data
	if !r.i.memory {
		rec.Data = bytes.Clone(data) // a request that was given up may still read it
	}
	err := r.i.change(context.WithoutCancel(ctx), r.lastMoment(ctx), r.i.store.Complete, rec)
	if err == nil {
		r.i.cache.put(rec)
	}
	return err
}

// guard calls an encoder that is not ours. Where it panics the work is done all the same: the
// record says so, and the panic goes on.
func (r *Run) guard(ctx context.Context, encode func() ([]byte, error)) ([]byte, error) {
	returned := false
	defer func() {
		if !returned {
			r.lose(ctx, "encoding it panicked", nil)
		}
	}()
	data, err := encode()
	returned = true
	return data, err
}

// release deletes the record of a run that failed, so that the next call runs. If it cannot,
// OnError hears of it: the caller gets the error of the run.
func (r *Run) release(ctx context.Context) {
	r.concluded.Store(true)
	if err := r.delete(ctx, r.lastMoment(ctx)); err != nil {
		r.i.report.Report(keyError(r.key, fmt.Errorf("delete, after the run failed: %w", err)))
	}
}

func (r *Run) delete(ctx context.Context, until time.Time) error {
	return r.i.change(context.WithoutCancel(ctx), until, r.i.store.Delete, r.record(InProgress))
}

// abandon releases a run that neither returned nor was concluded: it panicked.
func (r *Run) abandon(ctx context.Context) {
	if !r.concluded.Load() {
		r.release(ctx)
	}
}

// begin asks the store for the record of the run.
func (r *Run) begin(ctx context.Context, rec *Record, now, until time.Time) (existing *Record, err error) {
	return request(ctx, r.i, until, func(ctx context.Context) (*Record, error) {
		existing, err := r.i.store.Begin(ctx, rec, now)
		if r.abandoned.Load() { // too late: nobody waits for it any more
			r.i.store.Delete(context.WithoutCancel(ctx), r.record(InProgress))
		}
		return existing, err
	})
}

// withdraw deletes the record of a run whose Begin failed: the store may have written it all
// the same, and nobody runs. That holds for a refusal too, since clients send a request again
// by themselves: the first one may have been done. If that fails as well, OnError hears of it.
func (r *Run) withdraw(ctx context.Context) {
	r.abandoned.Store(true)
	until := earlier(r.lastMoment(ctx), r.i.now().Add(releaseTimeouts*r.i.o.StoreTimeout))
	if err := r.delete(ctx, until); err != nil && !errors.Is(err, ErrLeaseLost) && !errors.Is(err, ErrRefused) {
		r.i.report.Report(keyError(r.key, fmt.Errorf("delete, after Begin failed: %w; if the record was written, the key is locked until %s",
			err, r.lease.UTC().Format(time.RFC3339))))
	}
}
