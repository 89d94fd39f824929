package idempotency

import (
	"context"
	"fmt"
	"time"
)

// maxAttempts bounds the attempts of a call that read an outdated record.
const maxAttempts = 3

// begin returns an execution if the caller is to run, or a stored answer. It returns neither if
// the event runs without idempotency.
func (g *Guard) begin(ctx context.Context, e event) (*Execution, *Replay, error) {
	if g.disabled {
		return nil, nil, nil
	}
	key, validation, err := g.identify(ctx, e)
	if err != nil || key == "" {
		return nil, nil, err
	}
	now := g.now()
	if cached := g.cache.get(key, now); cached != nil {
		replay, err := g.replay(cached, validation)
		if err == nil {
			replay.Cached = true
		}
		return nil, replay, err
	}
	x := &Execution{guard: g, key: key, validation: validation, outer: FromContext(ctx)}
	waiting := g.newWait(ctx)
	for attempt := 1; ; attempt++ {
		now := g.now()
		// Each attempt has its own token. If the Begin of an earlier attempt arrives late,
		// its record has an earlier lease and must not be mistaken for this one.
		x.owner, x.lease = newOwner(), g.leaseEnd(ctx, now)
		b := &beginning{x: x, record: *x.record(InProgress)}
		b.record.Lease, b.record.Expiration = x.lease, g.expiration(now, x.lease)
		until := g.beginDeadline(ctx, now, x.lease)
		if err := overdue(ctx, now, until); err != nil { // a request now could be answered too late
			return nil, nil, keyError(key, fmt.Errorf("begin: %w", err))
		}
		existing, err := b.send(ctx, now, until)
		switch {
		case err != nil:
			b.failed(ctx)
			return nil, nil, keyError(key, fmt.Errorf("begin: %w", err))
		case b.isOwn(existing):
			return x, nil, nil
		}
		b.lost(ctx)
		if g.options.Validate != nil && existing.Validation != validation {
			return nil, nil, keyError(key, ErrPayloadMismatch)
		}
		switch live := existing.Live(now); {
		case existing.Status == Completed && live:
			replay, err := g.replay(existing, validation)
			if err == nil {
				g.cache.put(existing)
			}
			return nil, replay, err
		case existing.Status != InProgress && existing.Status != Completed:
			return nil, nil, keyError(key, fmt.Errorf("%w: its status is %q", ErrInconsistent, existing.Status))
		case !live && attempt < maxAttempts: // it has just expired
		case !live:
			return nil, nil, keyError(key, fmt.Errorf("%w: it has expired, and the store does not replace it", ErrInconsistent))
		case x.isWithin(existing.Owner):
			return nil, nil, keyError(key, fmt.Errorf("%w: the call is nested in itself; give each step its own keys with Scope", ErrInProgress))
		default:
			if err := waiting.next(ctx); err != nil {
				return nil, nil, keyError(key, err)
			}
			attempt = 0
		}
	}
}

// replay returns the answer of a completed record.
func (g *Guard) replay(r *Record, validation string) (*Replay, error) {
	if g.options.Validate != nil && r.Validation != validation {
		return nil, keyError(r.Key, ErrPayloadMismatch)
	}
	out, err := g.decode(r.Data)
	switch {
	case err != nil:
		return nil, keyError(r.Key, err)
	case out.lost != "":
		return nil, keyError(r.Key, fmt.Errorf("%w: %s", ErrResultLost, out.lost))
	}
	replay := &Replay{Key: r.Key, Expiration: r.Expiration, Data: out.result}
	if out.err != nil {
		replay.Err = &StoredError{Name: out.err.Name, Type: out.err.Type, Message: out.err.Message, final: g.options.Final[out.err.Name]}
	}
	return replay, nil
}

// wait lets a call wait for another one with the same key.
type wait struct {
	until time.Time
	delay time.Duration // until the record is read again
}

// The first and the longest delay. The delay doubles.
const (
	minDelay = 20 * time.Millisecond
	maxDelay = time.Second
)

// deadlineSlack is the time before the deadline of an invocation that is left for its answer.
const deadlineSlack = 100 * time.Millisecond

func (g *Guard) newWait(ctx context.Context) wait {
	w := wait{until: time.Now().Add(g.options.Wait), delay: minDelay}
	if deadline, ok := ctx.Deadline(); ok && g.options.Wait > 0 {
		if last := deadline.Add(-deadlineSlack); last.Before(w.until) {
			w.until = last
		}
	}
	return w
}

// next waits until the record should be read again. It returns an ErrInProgress if the wait is
// over.
func (w *wait) next(ctx context.Context) error {
	left := time.Until(w.until)
	if left <= 0 {
		return ErrInProgress
	}
	timer := time.NewTimer(min(w.delay, left))
	defer timer.Stop()
	w.delay = min(2*w.delay, maxDelay)
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrInProgress, context.Cause(ctx))
	}
}
