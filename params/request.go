package params

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// request makes one request of the source within FetchTimeout, for one or several fetches.
func request[T any](ctx context.Context, c *Cache, fetches []*fetch, call func(context.Context) (T, error)) (T, error) {
	now := c.now()
	for _, f := range fetches {
		f.requested.Store(now)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.FetchTimeout)
	defer cancel()
	v, err := callSource(ctx, func() (T, error) { return call(ctx) })
	if err != nil {
		err = c.requestError(ctx, err)
	}
	return v, err
}

// requestError returns err, or the reason why the Cache ended the request if ctx is done.
func (c *Cache) requestError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil || isTimeout(err):
		return err
	case context.Cause(ctx) == errStuck:
		return errStuck
	}
	return &timeoutError{c.options.FetchTimeout, err}
}

// timeoutError is the error of a request that the source did not answer within FetchTimeout.
type timeoutError struct {
	limit time.Duration
	err   error
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("no answer within Options.FetchTimeout (%v): %v", e.limit, e.err)
}

// Unwrap makes errors.Is find context.DeadlineExceeded even if the source returned another error.
func (e *timeoutError) Unwrap() []error { return []error{e.err, context.DeadlineExceeded} }

func isTimeout(err error) bool {
	_, ok := errors.AsType[*timeoutError](err)
	return ok
}

// grace is the time that a source has to return after its context is done, with its own error
// and with the values that it already has.
const grace = 100 * time.Millisecond

// callSource calls f and returns at the latest grace after ctx is done, because a source that
// ignores its context must not block its parameters forever.
func callSource[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() { done <- r }()
		defer recoverError(&r.err)
		r.err = errors.New("the source called runtime.Goexit") // unless it returns
		r.value, r.err = f()
		probe(r.err)
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		var zero T
		return zero, ctx.Err()
	}
}

// probe panics if a method of err does, as those of a nil pointer may. The Cache calls them later, and
// a panic would end the process there.
func probe(err error) { errors.Is(err, errStuck) }

// recoverError turns a panic of a source into an error, because a panic in this goroutine would
// end the process. The error contains the type of the panic only: its value may contain the value
// of the parameter.
func recoverError(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the source panicked (with a %T)", v)
	}
}
