package idempotency

import (
	"context"
	"fmt"
	"time"
)

// maxAttempts bounds how often a call tries again whose view of a record is out of date.
const maxAttempts = 3

// begin returns the run that the caller is to do, or what to replay; neither where the event
// is to run without idempotency.
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
		p, err := g.replay(cached, validation)
		if err == nil {
			p.Cached = true
		}
		return nil, p, err
	}
	run := &Execution{guard: g, key: key, validation: validation, outer: FromContext(ctx)}
	waiting := g.newWait(ctx)
	for attempt := 1; ; attempt++ {
		now := g.now()
		// A token of its own: were the Begin of an earlier attempt to arrive late, its
		// record would have an earlier lease, and must not be taken for this one.
		run.owner, run.lease = newOwner(), g.leaseOf(ctx, now)
		r := run.record(InProgress)
		r.Lease, r.Expiration = run.lease, g.expiration(now, run.lease)
		until := g.beginUntil(ctx, now, run.lease)
		if err := overdue(ctx, now, until); err != nil { // nothing is asked that could be answered late
			return nil, nil, keyError(key, fmt.Errorf("begin: %w", err))
		}
		existing, err := run.begin(ctx, r, now, until)
		switch {
		case err != nil:
			run.withdraw(ctx)
			return nil, nil, keyError(key, fmt.Errorf("begin: %w", err))
		case existing == nil, existing.Owner == run.owner: // the answer to a first attempt was lost
			return run, nil, nil
		case g.o.Validate != nil && existing.Validation != validation:
			return nil, nil, keyError(key, ErrPayloadMismatch)
		}
		switch live := existing.Live(now); {
		case existing.Status == Completed && live:
			p, err := g.replay(existing, validation)
			if err == nil {
				g.cache.put(existing)
			}
			return nil, p, err
		case existing.Status != InProgress && existing.Status != Completed:
			return nil, nil, keyError(key, fmt.Errorf("%w: its status is %q", ErrInconsistent, existing.Status))
		case !live && attempt < maxAttempts: // it has just become free
		case !live:
			return nil, nil, keyError(key, fmt.Errorf("%w: it has run out, and the store will not replace it", ErrInconsistent))
		case run.isWithin(existing.Owner):
			return nil, nil, keyError(key, fmt.Errorf("%w: it is this very call; steps of it need keys of their own, see Scope", ErrInProgress))
		default:
			if err := waiting.next(ctx); err != nil {
				return nil, nil, keyError(key, err)
			}
			attempt = 0
		}
	}
}

// replay returns what a duplicate of a completed record gets.
func (g *Guard) replay(r *Record, validation string) (*Replay, error) {
	if g.o.Validate != nil && r.Validation != validation {
		return nil, keyError(r.Key, ErrPayloadMismatch)
	}
	out, err := g.decode(r.Data)
	switch {
	case err != nil:
		return nil, keyError(r.Key, err)
	case out.lost != "":
		return nil, keyError(r.Key, fmt.Errorf("%w: %s", ErrResultLost, out.lost))
	}
	p := &Replay{Key: r.Key, Expiration: r.Expiration, Data: out.result}
	if out.err != nil {
		p.Err = &StoredError{Name: out.err.Name, Type: out.err.Type, Message: out.err.Message, final: g.o.Final[out.err.Name]}
	}
	return p, nil
}

// wait is the patience of one call with another that runs.
type wait struct {
	until time.Time
	delay time.Duration
}

// The first and the longest time between two looks at a record. It doubles.
const (
	minDelay = 20 * time.Millisecond
	maxDelay = time.Second
)

// deadlineSlack is kept of an invocation's time, so that a caller that waited is answered.
const deadlineSlack = 100 * time.Millisecond

func (g *Guard) newWait(ctx context.Context) wait {
	w := wait{until: time.Now().Add(g.o.Wait), delay: minDelay}
	if deadline, ok := ctx.Deadline(); ok && g.o.Wait > 0 {
		if last := deadline.Add(-deadlineSlack); last.Before(w.until) {
			w.until = last
		}
	}
	return w
}

// next returns when it is time to look again, or the error of a call whose patience has
// come to its end.
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
