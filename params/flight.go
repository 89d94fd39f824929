package params

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// flight is a fetch of one parameter that any number of callers wait for. It goes on when
// they leave.
type flight struct {
	entry *entry
	done  chan struct{}

	// Of one that is done:
	content *content
	err     error
	older   *content // that may be served instead of err
}

// wait waits for the end of the flight or of ctx.
func (f *flight) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return nil
	default:
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("params: get %q: %w", f.entry.name, context.Cause(ctx))
	}
}

var over = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// take returns the flight of e, and whether it was there before. Where the value has
// come meanwhile, the flight is over.
func (v View) take(e *entry) (f *flight, joined bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.flight != nil {
		return e.flight, true
	}
	if st := e.state.Load(); st != nil && v.accepts(st, v.store.now()) && !v.ahead {
		return &flight{entry: e, done: over, content: st.content, err: st.err}, true
	}
	e.flight = &flight{entry: e, done: make(chan struct{})}
	return e.flight, false
}

// start returns the flight of e, which it begins unless there is one.
func (v View) start(ctx context.Context, e *entry) (f *flight, joined bool) {
	if f, joined = v.take(e); !joined {
		go v.store.fly(ctx, []*flight{f})
	}
	return f, joined
}

// maxFlying bounds the fetches that a call makes at once, of a source that fetches one
// parameter at a time.
const maxFlying = 8

// startMany is start for several names. joined are those that were there before.
func (v View) startMany(ctx context.Context, names []string) (flights map[string]*flight, joined []string) {
	flights = make(map[string]*flight, len(names))
	var own []*flight
	v.store.entriesOf(names)
	for _, name := range names {
		f, there := v.take(v.store.entry(name))
		flights[name] = f
		if there {
			joined = append(joined, name)
		} else {
			own = append(own, f)
		}
	}
	if len(own) == 0 {
		return flights, joined
	}
	if _, ok := v.store.source.(ManySource); ok && len(own) > 1 {
		go v.store.fly(ctx, own)
		return flights, joined
	}
	queue := make(chan *flight, len(own))
	for _, f := range own {
		queue <- f
	}
	close(queue)
	for range min(maxFlying, len(own)) {
		go func() {
			for f := range queue {
				v.store.fly(ctx, []*flight{f})
			}
		}()
	}
	return flights, joined
}

// fly fetches, for however many callers, and keeps what comes of it.
func (s *Store) fly(ctx context.Context, flights []*flight) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.FetchTimeout)
	defer cancel()
	if len(flights) == 1 {
		f := flights[0]
		c, err := s.fetchOne(ctx, f.entry)
		s.land(f, c, err)
		return
	}
	names := make([]string, len(flights))
	for i, f := range flights {
		names[i] = f.entry.name
	}
	results, err := s.fetchMany(ctx, names)
	for _, f := range flights {
		r, ok := results[f.entry.name]
		switch {
		case err != nil:
			s.land(f, nil, err)
		case !ok:
			s.land(f, nil, ErrNotFound)
		case r.Err != nil:
			s.land(f, nil, r.Err)
		default:
			s.land(f, &content{value: r.Value}, nil)
		}
	}
}

func (s *Store) fetchOne(ctx context.Context, e *entry) (c *content, err error) {
	defer contain(&err)
	if !e.path {
		v, err := s.source.Fetch(ctx, e.name)
		return &content{value: v}, err
	}
	p, ok := s.source.(PathSource)
	if !ok {
		return nil, ErrUnsupported
	}
	below, err := p.FetchPath(ctx, e.name)
	return &content{below: below}, err
}

func (s *Store) fetchMany(ctx context.Context, names []string) (results map[string]Result, err error) {
	defer contain(&err)
	return s.source.(ManySource).FetchMany(ctx, names)
}

// contain keeps a panic of a source, which would end the process here, to the callers.
func contain(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the source panicked: %v", v)
	}
}

// land ends a flight.
func (s *Store) land(f *flight, c *content, err error) {
	if err != nil {
		what := "get"
		if f.entry.path {
			what = "get below"
		}
		f.err = fmt.Errorf("params: %s %q: %w", what, f.entry.name, err)
		f.older = s.fail(f.entry, f.err)
	} else {
		f.content = s.settle(f.entry, c)
	}
	f.entry.mu.Lock()
	f.entry.flight = nil
	f.entry.mu.Unlock()
	close(f.done)
}

// settle keeps a value that has just come.
func (s *Store) settle(e *entry, c *content) *content {
	now := s.now()
	age := int64(max(s.o.MaxAge, 0))
	if age > 0 {
		age -= rand.Int64N(age/10 + 1)
	}
	e.mu.Lock()
	old := e.state.Load()
	if old != nil && old.content != nil && old.content.equal(c) {
		c = old.content // with what it was decoded to
	}
	e.state.Store(&state{content: c, fetched: now, expires: now + age})
	e.failures = 0
	e.mu.Unlock()
	grown := c.size()
	if old != nil && old.content != nil {
		grown -= old.content.size()
	}
	if s.bytes.Add(int64(grown)) > int64(s.o.MaxBytes) {
		s.replace(func(m map[string]*entry) {
			if c.size() > s.o.MaxBytes {
				delete(m, e.key())
			}
		})
	}
	return c
}

// fail notes that a value cannot be fetched, and returns the older one that may be served.
func (s *Store) fail(e *entry, err error) (older *content) {
	now := s.now()
	e.mu.Lock()
	defer e.mu.Unlock()
	old := e.state.Load()
	switch {
	case errors.Is(err, ErrNotFound):
		e.failures = 0
		e.state.Store(&state{err: err, fetched: now, expires: now + int64(max(s.o.NotFoundAge, 0))})
		return nil
	case old == nil || old.content == nil || s.o.MaxStale < 0 || now > old.fetched+int64(max(s.o.MaxAge, 0)+s.o.MaxStale):
		return nil
	}
	backoff := min(minBackoff<<min(e.failures, 10), maxBackoff)
	if e.failures == 0 {
		s.report.Report(fmt.Errorf("%w; serving the value of %v ago until it can be refreshed", err, time.Duration(now-old.fetched).Round(time.Second)))
	}
	e.failures++
	e.state.Store(&state{content: old.content, fetched: old.fetched, expires: now + int64(backoff), stale: true})
	return old.content
}
