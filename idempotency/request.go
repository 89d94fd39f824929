package idempotency

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lambdakit/lambdakit"
)

// Bounds of the requests to a store, beside Options.StoreTimeout.
const (
	// beginTimeouts and releaseTimeouts say how many times StoreTimeout a Begin may take with
	// all its attempts, and the Delete after a Begin that failed.
	beginTimeouts   = 3
	releaseTimeouts = 2

	// minPause and maxPause bound the pause between two attempts. It doubles.
	minPause = 20 * time.Millisecond
	maxPause = time.Second

	shortestAttempt = 100 * time.Millisecond
)

// request calls the store until it answers, until its error is one that no further attempt
// can change, until ctx ends or until the wall clock says that the time is up. The first
// attempt has shortestAttempt at least. The last error is returned. A store may be asked twice
// for the same thing: see [Store].
func request[T any](ctx context.Context, g *Guard, until time.Time, op func(context.Context) (T, error)) (T, error) {
	if g.memory {
		return op(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, max(until.Sub(g.now()), shortestAttempt))
	defer cancel()
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		answer, err := attempt(ctx, g, op)
		if err == nil || isAnswer(err) || ctx.Err() != nil {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, err
		case <-time.After(g.jitter(pause)):
		}
		if !g.now().Before(until) {
			return answer, err
		}
	}
}

// attempt calls the store once, for at most StoreTimeout. A store that does not stop when its
// context ends is left to itself, because the deadline of the invocation does not wait for it.
func attempt[T any](ctx context.Context, g *Guard, op func(context.Context) (T, error)) (T, error) {
	if g.simulated {
		return op(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, g.o.StoreTimeout)
	defer cancel()
	type result struct {
		answer   T
		err      error
		panicked any
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errors.New("the store called runtime.Goexit")} // unless it returns
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.answer, r.err = op(ctx)
	}()
	select {
	case r := <-done:
		if r.panicked != nil {
			panic(r.panicked)
		}
		return r.answer, r.err
	case <-ctx.Done():
		var none T
		return none, fmt.Errorf("the store did not answer in time: %w", ctx.Err())
	}
}

// jitter spreads the attempts of callers that failed together.
func jitter(pause time.Duration) time.Duration { return pause/2 + rand.N(pause/2) }

// change is request for the steps that have no answer but an error.
func (g *Guard) change(ctx context.Context, until time.Time, step func(context.Context, *Record) error, r *Record) error {
	_, err := request(ctx, g, until, func(ctx context.Context) (struct{}, error) { return struct{}{}, step(ctx, r) })
	return err
}

// isAnswer reports whether an error is an answer of the store, which it would give again.
func isAnswer(err error) bool {
	for _, answer := range []error{ErrLeaseLost, ErrTooLarge, ErrInconsistent, ErrFull, ErrRefused} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}

// lastMoment returns until when the record of a run may be completed or deleted: until its
// lease ends, and in an invocation until just before the deadline, so that the caller still
// gets its answer.
func (x *Execution) lastMoment(ctx context.Context) time.Time {
	x.mu.Lock()
	until := x.lease
	x.mu.Unlock()
	if inv := lambdakit.FromContext(ctx); inv != nil {
		if deadline, ok := inv.Deadline(); ok {
			until = earlier(until, deadline.Add(-deadlineSlack))
		}
	}
	if d := x.guard.o.CleanupTimeout; d > 0 {
		until = earlier(until, x.guard.now().Add(d))
	}
	return until
}

// beginUntil returns until when the Begin of a run that asks for a lease may be tried: half of
// the time that ctx has left at most, so that there is time to answer, and to delete a record
// whose Begin was not answered.
func (g *Guard) beginUntil(ctx context.Context, now, lease time.Time) time.Time {
	patience := beginTimeouts * g.o.StoreTimeout
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, deadline.Sub(now)/2)
	}
	return earlier(now.Add(max(patience, minPause)), lease.Add(-g.o.LeaseMargin))
}

// overdue returns the error of a call whose time is up: a context does not count the time in
// which Lambda has the environment frozen.
func overdue(ctx context.Context, now, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !now.Before(until) {
		return context.DeadlineExceeded
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
