package params

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// flyAll fetches in batches, some at the same time. If no batch gets an answer for as long as
// one that ends with FetchTimeout takes, the rest fails with its error.
func (s *Cache) flyAll(ctx context.Context, flights []*flight, size, atOnce int) {
	queue := make(chan []*flight, (len(flights)+size-1)/size)
	for batch := range slices.Chunk(flights, size) {
		queue <- batch
	}
	close(queue)
	var answers atomic.Int64
	for range min(atOnce, len(queue)) {
		go func() {
			var silent error
			for batch := range queue {
				if silent != nil {
					s.end(batch, func(*flight) (*content, error) { return nil, silent })
					continue
				}
				before := answers.Load()
				if err := s.fly(ctx, batch); err == nil {
					answers.Add(1)
				} else if answers.Load() == before {
					silent = err
				}
			}
		}()
	}
}

// fly fetches, for however many callers, and keeps the outcome. Its error is that the source
// gave no answer within FetchTimeout.
func (s *Cache) fly(ctx context.Context, flights []*flight) error {
	ctx, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	for _, f := range flights {
		f.start, f.stop = time.Now(), stop
	}
	var err error
	if len(flights) == 1 {
		var c *content
		c, err = s.fetchOne(ctx, flights)
		s.end(flights, func(*flight) (*content, error) { return c, err })
	} else {
		var results map[string]Result
		results, err = s.fetchMany(ctx, flights)
		s.end(flights, func(f *flight) (*content, error) {
			r, ok := results[f.entry.name]
			switch {
			case err != nil:
				return nil, err
			case !ok:
				return nil, ErrNotFound
			}
			return &content{value: r.Value}, r.Err
		})
		for _, r := range results {
			if isSilence(r.Err) {
				err = r.Err
			}
		}
	}
	if isSilence(err) {
		return err
	}
	return nil
}

func (s *Cache) fetchOne(ctx context.Context, flights []*flight) (*content, error) {
	e := flights[0].entry
	if e.path {
		return s.fetchPath(ctx, flights)
	}
	return request(ctx, s, flights, func(ctx context.Context) (*content, error) {
		v, err := s.source.Fetch(ctx, e.name)
		return &content{value: v}, err
	})
}

// maxPages bounds a path. It is twice the pages of the largest Parameter Store: 100,000
// parameters, ten a page. (AWS Systems Manager endpoints and quotas)
const maxPages = 20_000

func (s *Cache) fetchPath(ctx context.Context, flights []*flight) (*content, error) {
	path := flights[0].entry.name
	pages, ok := s.source.(PagedSource)
	if !ok {
		return request(ctx, s, flights, func(ctx context.Context) (*content, error) {
			p, ok := s.source.(PathSource)
			if !ok {
				return nil, ErrUnsupported
			}
			below, err := p.FetchPath(ctx, path)
			return &content{below: maps.Clone(below)}, err
		})
	}
	var next func(context.Context) (map[string]Value, bool, error)
	below := make(map[string]Value)
	for range maxPages {
		more, err := request(ctx, s, flights, func(ctx context.Context) (bool, error) {
			if next == nil {
				next = pages.Pages(path)
			}
			page, more, err := next(ctx)
			if err == nil {
				maps.Copy(below, page)
			}
			return more, err
		})
		if err != nil || !more {
			return &content{below: below}, err
		}
	}
	return nil, fmt.Errorf("there are more than %d pages", maxPages)
}

func (s *Cache) fetchMany(ctx context.Context, flights []*flight) (map[string]Result, error) {
	names := make([]string, len(flights))
	for i, f := range flights {
		names[i] = f.entry.name
	}
	return request(ctx, s, flights, func(ctx context.Context) (map[string]Result, error) {
		results, err := s.source.(ManySource).FetchMany(ctx, names)
		if ctx.Err() == nil {
			return results, err
		}
		results = maps.Clone(results) // with the values that came in time
		for name, r := range results {
			if r.Err != nil {
				r.Err = s.ended(ctx, r.Err)
				results[name] = r
			}
		}
		return results, err
	})
}

// silence says that a source gave no answer in time.
type silence struct {
	limit time.Duration
	err   error
}

func (e *silence) Error() string {
	return fmt.Sprintf("no answer within Options.FetchTimeout (%v): %v", e.limit, e.err)
}

// Unwrap makes it a context.DeadlineExceeded, also if the error of the source is not one.
func (e *silence) Unwrap() []error { return []error{e.err, context.DeadlineExceeded} }

func isSilence(err error) bool {
	_, ok := errors.AsType[*silence](err)
	return ok
}

// request makes one request of the source, for flights, within FetchTimeout.
func request[T any](ctx context.Context, s *Cache, flights []*flight, ask func(context.Context) (T, error)) (T, error) {
	now := s.now()
	for _, f := range flights {
		f.request.Store(now)
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.FetchTimeout)
	defer cancel()
	v, err := bounded(ctx, func() (T, error) { return ask(ctx) })
	if err != nil {
		err = s.ended(ctx, err)
	}
	return v, err
}

// ended returns err, or the reason for it if ctx is done.
func (s *Cache) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil || isSilence(err):
		return err
	case context.Cause(ctx) == errLost:
		return errLost
	}
	return &silence{s.o.FetchTimeout, err}
}

// grace is how long a source has to return after its context is done: with its own error,
// and with the values that it has.
const grace = 100 * time.Millisecond

// bounded calls f, and leaves it alone soon after ctx is done: a source that ignores its
// context must not block its parameters for ever.
func bounded[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() { done <- o }()
		defer contain(&o.err)
		o.err = errors.New("the source called runtime.Goexit") // unless it returns
		o.value, o.err = f()
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.value, o.err
	case <-timer.C:
		var zero T
		return zero, ctx.Err()
	}
}

// contain keeps a panic of a source, which would end the process here, to the callers.
func contain(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the source panicked (with a %T)", v) // which may hold the value
	}
}
