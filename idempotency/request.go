package idempotency

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lambdakit/lambdakit"
)

// Bounds of the requests to a store, in addition to Options.StoreTimeout.
const (
	// beginTimeouts bounds a Begin with all attempts, in multiples of StoreTimeout.
	// deleteTimeouts bounds the Delete after a failed Begin.
	beginTimeouts  = 3
	deleteTimeouts = 2

	// minPause and maxPause bound the pause between two attempts. The pause doubles.
	minPause = 20 * time.Millisecond
	maxPause = time.Second

	// minAttempt is the time that the first attempt has at least.
	minAttempt = 100 * time.Millisecond
)

// request calls the store until it answers, its error is final, ctx has ended, or the wall clock
// has passed until. It returns the last error. Retries are safe, because
// the steps of a [Store] may be done twice.
func request[T any](ctx context.Context, g *Guard, until time.Time, op func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, max(until.Sub(g.now()), minAttempt))
	defer cancel()
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		answer, err := attempt(ctx, g, op)
		if err == nil || isFinalAnswer(err) || ctx.Err() != nil {
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

// attempt calls the store once, for at most StoreTimeout. It does not wait longer for a store that
// ignores its context, because the deadline of the invocation would pass.
func attempt[T any](ctx context.Context, g *Guard, op func(context.Context) (T, error)) (T, error) {
	if g.simulated {
		return op(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, g.options.StoreTimeout)
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

// jitter returns a random time between half of pause and pause, so that callers that failed
// together retry at different times.
func jitter(pause time.Duration) time.Duration { return pause/2 + rand.N(pause/2) }

// change is request for the steps that return only an error.
func (g *Guard) change(ctx context.Context, until time.Time, step func(context.Context, *Record) error, r *Record) error {
	if g.inMemory {
		return step(ctx, r)
	}
	_, err := request(ctx, g, until, func(ctx context.Context) (struct{}, error) { return struct{}{}, step(ctx, r) })
	return err
}

// isFinalAnswer reports whether an error is an answer of the store that a retry would not change.
func isFinalAnswer(err error) bool {
	for _, answer := range []error{ErrLeaseLost, ErrTooLarge, ErrInconsistent, ErrFull, ErrRefused} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}

// cleanupDeadline returns the time after which Complete and Delete are not retried: the end of the
// lease or, in an invocation, shortly before the deadline, so that the caller still gets an answer.
func (x *Execution) cleanupDeadline(ctx context.Context) time.Time {
	x.mu.Lock()
	until := x.lease
	x.mu.Unlock()
	if inv := lambdakit.FromContext(ctx); inv != nil {
		if deadline, ok := inv.Deadline(); ok {
			until = earlier(until, deadline.Add(-deadlineSlack))
		}
	}
	if d := x.guard.options.CleanupTimeout; d > 0 {
		until = earlier(until, x.guard.now().Add(d))
	}
	return until
}

// beginDeadline returns the time after which Begin is not retried. At least half of the time of ctx
// is left then, to delete a record whose Begin was not answered and to return an error.
func (g *Guard) beginDeadline(ctx context.Context, now, lease time.Time) time.Time {
	limit := beginTimeouts * g.options.StoreTimeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, deadline.Sub(now)/2)
	}
	return earlier(now.Add(max(limit, minPause)), lease.Add(-g.options.LeaseMargin))
}

// overdue returns an error if until has passed by the wall clock or ctx has ended. The timer of a
// context stands still while Lambda has frozen the environment.
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
