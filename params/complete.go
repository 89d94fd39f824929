package params

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// complete stores the results of fetches and wakes the calls that wait for them.
func (c *Cache) complete(fetches []*fetch, result func(*fetch) (*content, error)) {
	for _, f := range fetches {
		ct, err := result(f)
		if err != nil {
			f.err = fmt.Errorf("params: %s: %w", f.entry, err)
			f.stale = c.fetchFailed(f)
		} else {
			f.content = c.setContent(f.entry, ct, f.generation)
		}
	}
	c.evictIfFull()
	for _, f := range fetches {
		f.entry.mu.Lock()
		if f.entry.inflight == f {
			f.entry.inflight = nil
		}
		f.entry.mu.Unlock()
		close(f.done)
	}
}

// setContent stores a content that was fetched or put, and returns the stored content. It stores
// nothing if the entry has a newer generation.
func (c *Cache) setContent(e *entry, ct *content, generation int) *content {
	now := c.now()
	age := max(c.options.MaxAge, 0)
	age -= time.Duration(rand.Int64N(int64(age/10) + 1))
	e.mu.Lock()
	old := e.state.Load()
	if e.generation != generation {
		e.mu.Unlock()
		return ct
	}
	if old != nil && old.content != nil && old.content.equal(ct) {
		ct = old.content // with its decoded forms
	}
	e.state.Store(&state{content: ct, fetched: now, expires: after(now, age)})
	e.sourceAnswered(c)
	e.mu.Unlock()
	e.touch(now)
	if c.lookup(e.key()) == e {
		c.bytes.Add(int64(ct.size() - old.size()))
	}
	return ct
}

// sourceAnswered ends the outage of an entry. The caller holds e.mu.
func (e *entry) sourceAnswered(c *Cache) {
	e.failures, e.retryAt, e.reported = 0, 0, false
	c.slowFetches.Store(0)
}

// after returns now plus d, or the largest time if the sum overflows.
func after(now int64, d time.Duration) int64 {
	if t := now + int64(d); t >= now {
		return t
	}
	return math.MaxInt64
}

// fetchFailed records a failure, and returns the stale content that calls get instead, or nil.
func (c *Cache) fetchFailed(f *fetch) (stale *content) {
	now, e := c.now(), f.entry
	e.mu.Lock()
	old := e.state.Load()
	if e.generation != f.generation || errors.Is(f.err, errStuck) {
		e.mu.Unlock()
		return nil
	}
	if errors.Is(f.err, ErrNotFound) {
		e.sourceAnswered(c)
		e.state.Store(&state{err: f.err, fetched: now, expires: after(now, max(c.options.NotFoundAge, 0))})
		e.mu.Unlock()
		return nil
	}
	if !c.servable(old, now) {
		e.mu.Unlock()
		return nil
	}
	e.retryAt = after(now, min(minBackoff<<min(e.failures, 10), maxBackoff))
	e.failures++
	if old.stale || now >= old.expires || now < old.fetched { // else this was a refresh ahead of time
		e.state.Store(&state{content: old.content, fetched: min(old.fetched, now), expires: e.retryAt, stale: true, doubtful: old.doubtful})
	}
	first := !e.reported
	e.reported = true
	e.mu.Unlock()
	if first {
		c.reportStale(f.err, old, now)
	}
	return old.content
}
