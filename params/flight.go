package params

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"time"
)

// flight is a fetch of one parameter that any number of callers wait for. It goes on when
// they leave.
type flight struct {
	entry *entry
	done  chan struct{}
	since int // entry.changes when it began

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
	if ctx == nil {
		<-f.done
		return nil
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		err := ctx.Err()
		if cause := context.Cause(ctx); cause != err {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return fmt.Errorf("params: get %q: %w", f.entry.name, err)
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
	e.flight = &flight{entry: e, done: make(chan struct{}), since: e.changes}
	return e.flight, false
}

// start returns the flight of e, which it begins unless there is one.
func (v View) start(ctx context.Context, e *entry) (f *flight, joined bool) {
	if ctx == nil {
		ctx = context.Background()
	}
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
	if ctx == nil {
		ctx = context.Background()
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

func (s *Store) fetchOne(ctx context.Context, e *entry) (*content, error) {
	return bounded(ctx, func() (*content, error) {
		if !e.path {
			v, err := s.source.Fetch(ctx, e.name)
			return &content{value: v}, err
		}
		p, ok := s.source.(PathSource)
		if !ok {
			return nil, ErrUnsupported
		}
		below, err := p.FetchPath(ctx, e.name)
		return &content{below: maps.Clone(below)}, err
	})
}

func (s *Store) fetchMany(ctx context.Context, names []string) (map[string]Result, error) {
	return bounded(ctx, func() (map[string]Result, error) { return s.source.(ManySource).FetchMany(ctx, names) })
}

// bounded calls f, and leaves it to itself when ctx is done: a source that does not look
// at its context must not block its parameters for ever.
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

// land ends a flight.
func (s *Store) land(f *flight, c *content, err error) {
	if err != nil {
		what := "get"
		if f.entry.path {
			what = "get below"
		}
		f.err = fmt.Errorf("params: %s %q: %w", what, f.entry.name, err)
		f.older = s.fail(f)
	} else {
		f.content = s.settle(f.entry, c, f.since)
	}
	f.entry.mu.Lock()
	if f.entry.flight == f {
		f.entry.flight = nil
	}
	f.entry.mu.Unlock()
	close(f.done)
}

// settle keeps a value that has just come, unless another was put since.
func (s *Store) settle(e *entry, c *content, since int) *content {
	now := s.now()
	age := max(s.o.MaxAge, 0)
	age -= time.Duration(rand.Int64N(int64(age/10) + 1))
	e.mu.Lock()
	old := e.state.Load()
	if e.changes != since {
		e.mu.Unlock()
		return c
	}
	if old != nil && old.content != nil && old.content.equal(c) {
		c = old.content // with what it was decoded to
	}
	e.state.Store(&state{content: c, fetched: now, expires: after(now, age)})
	e.failures, e.retry = 0, 0
	e.mu.Unlock()
	e.touch(now)
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

// after returns the time d after now, or the last there is.
func after(now int64, d time.Duration) int64 {
	if t := now + int64(d); t >= now {
		return t
	}
	return math.MaxInt64
}

// servable reports whether the content of a state may be served although it cannot be
// refreshed.
func (s *Store) servable(st *state, now int64) bool {
	if st == nil || st.content == nil {
		return false
	}
	return now < st.expires || s.o.MaxStale >= 0 && now <= after(after(st.fetched, max(s.o.MaxAge, 0)), s.o.MaxStale)
}

// fail notes that a value cannot be fetched, and returns the older one that may be served.
func (s *Store) fail(f *flight) (older *content) {
	now, e := s.now(), f.entry
	e.mu.Lock()
	old := e.state.Load()
	if e.changes != f.since {
		e.mu.Unlock()
		return nil
	}
	if errors.Is(f.err, ErrNotFound) {
		e.failures, e.retry = 0, 0
		e.state.Store(&state{err: f.err, fetched: now, expires: after(now, max(s.o.NotFoundAge, 0))})
		e.mu.Unlock()
		return nil
	}
	if !s.servable(old, now) {
		e.mu.Unlock()
		return nil
	}
	first := e.failures == 0
	e.retry = after(now, min(minBackoff<<min(e.failures, 10), maxBackoff))
	e.failures++
	if old.stale || now >= old.expires || now < old.fetched { // else it will do for a while
		e.state.Store(&state{content: old.content, fetched: min(old.fetched, now), expires: e.retry, stale: true})
	}
	e.mu.Unlock()
	if first { // not under the lock: OnError may ask the Store
		s.report.Report(fmt.Errorf("%w; serving the value of %v ago until it can be refreshed", f.err, max(time.Duration(now-old.fetched), 0).Round(time.Second)))
	}
	return old.content
}
