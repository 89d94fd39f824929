package params

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// end ends flights with the outcome of each.
func (s *Cache) end(flights []*flight, outcome func(*flight) (*content, error)) {
	for _, f := range flights {
		c, err := outcome(f)
		if err != nil {
			f.err = fmt.Errorf("params: %s: %w", f.entry, err)
			f.older = s.fail(f)
		} else {
			f.content = s.settle(f.entry, c, f.since)
		}
	}
	s.makeRoom()
	for _, f := range flights {
		f.entry.mu.Lock()
		if f.entry.flight == f {
			f.entry.flight = nil
		}
		f.entry.mu.Unlock()
		close(f.done)
	}
}

// settle keeps a value that was just fetched or put, unless the parameter was put or the
// fetch given up since.
func (s *Cache) settle(e *entry, c *content, since int) *content {
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
		c = old.content // with its decoded forms
	}
	e.state.Store(&state{content: c, fetched: now, expires: after(now, age)})
	e.answered(s)
	e.mu.Unlock()
	e.touch(now)
	if s.lookup(e.key()) == e {
		s.bytes.Add(int64(c.size() - old.size()))
	}
	return c
}

// answered notes that the source has answered. e.mu is held.
func (e *entry) answered(s *Cache) {
	e.failures, e.retry, e.reported = 0, 0, false
	s.silent.Store(0)
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
func (s *Cache) servable(st *state, now int64) bool {
	if st == nil || st.content == nil {
		return false
	}
	return now < st.expires || s.o.MaxStale >= 0 && now <= after(after(st.fetched, max(s.o.MaxAge, 0)), s.o.MaxStale)
}

// fail notes that a value cannot be fetched, and returns the older one that may be served.
func (s *Cache) fail(f *flight) (older *content) {
	now, e := s.now(), f.entry
	e.mu.Lock()
	old := e.state.Load()
	if e.changes != f.since || errors.Is(f.err, errLost) {
		e.mu.Unlock()
		return nil
	}
	if errors.Is(f.err, ErrNotFound) {
		e.answered(s)
		e.state.Store(&state{err: f.err, fetched: now, expires: after(now, max(s.o.NotFoundAge, 0))})
		e.mu.Unlock()
		return nil
	}
	if !s.servable(old, now) {
		e.mu.Unlock()
		return nil
	}
	e.retry = after(now, min(minBackoff<<min(e.failures, 10), maxBackoff))
	e.failures++
	if old.stale || now >= old.expires || now < old.fetched { // else it will do for a while
		e.state.Store(&state{content: old.content, fetched: min(old.fetched, now), expires: e.retry, stale: true})
	}
	first := !e.reported
	e.reported = true
	e.mu.Unlock()
	if first {
		s.reportStale(f.err, old, now)
	}
	return old.content
}

// reportStale says that an older value is served, once for each outage. No lock is held:
// OnError may ask the Cache.
func (s *Cache) reportStale(err error, st *state, now int64) {
	age := max(time.Duration(now-st.fetched), 0).Round(time.Second)
	s.report.Report(fmt.Errorf("%w; serving the value of %v ago until it can be refreshed", err, age))
}
