package idempotency

import (
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
	if err := r.i.store.Extend(ctx, rec); err != nil {
		return keyError(r.key, fmt.Errorf("extend: %w", err))
	}
	r.lease = lease
	return nil
}

func (r *Run) record(s Status) *Record {
	return &Record{Key: r.key, Status: s, Owner: r.owner, Validation: r.validation}
}

// complete stores what the run came to. Its error is an ErrLeaseLost, which the caller must
// know of; all else goes to OnError, since the work is done.
func (r *Run) complete(ctx context.Context, out outcome) error {
	data := out.encode()
	if codec := r.i.o.Codec; codec != nil {
		var err error
		if data, err = r.guard(ctx, func() ([]byte, error) { return codec.Encode(data) }); err != nil {
			return r.lose(ctx, "the codec failed", err)
		}
	}
	err := r.store(ctx, data)
	if errors.Is(err, ErrTooLarge) {
		return r.lose(ctx, "it is too large for the store", err)
	}
	return r.onlyLeaseLost(err)
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
	return r.onlyLeaseLost(r.store(ctx, outcome{lost: why}.encode()))
}

func (r *Run) onlyLeaseLost(err error) error {
	if err == nil {
		return nil
	}
	err = keyError(r.key, fmt.Errorf("complete: %w", err))
	if errors.Is(err, ErrLeaseLost) {
		return err
	}
	r.i.report.Report(fmt.Errorf("%w; the work is done, but a call after the lease will do it again", err))
	return nil
}

func (r *Run) store(ctx context.Context, data []byte) error {
	ctx, cancel := r.cleanup(ctx)
	defer cancel()
	r.concluded.Store(true)
	rec := r.record(Completed)
	rec.Expiration = r.i.expiration(r.i.now(), time.Time{})
	rec.Data = data
	if err := r.i.store.Complete(ctx, rec); err != nil {
		return err
	}
	r.i.cache.put(rec)
	return nil
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

// release deletes the record of a run that failed, so that the next one runs. That it could
// not goes to OnError: the caller gets the error of the run.
func (r *Run) release(ctx context.Context) {
	ctx, cancel := r.cleanup(ctx)
	defer cancel()
	r.concluded.Store(true)
	if err := r.i.store.Delete(ctx, r.record(InProgress)); err != nil {
		r.i.report.Report(keyError(r.key, fmt.Errorf("delete, after the run failed: %w", err)))
	}
}

// abandon releases a run that neither returned nor was concluded: it panicked.
func (r *Run) abandon(ctx context.Context) {
	if !r.concluded.Load() {
		r.release(ctx)
	}
}

// forget deletes the record of a run that did not begin, as far as its caller knows, in case
// that it is there. The caller has an error already.
func (r *Run) forget(ctx context.Context) {
	ctx, cancel := r.cleanup(ctx)
	defer cancel()
	r.i.store.Delete(ctx, r.record(InProgress))
}

// cleanup returns a context for what must be written although the run's own may have ended.
func (r *Run) cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), r.i.o.CleanupTimeout)
}
