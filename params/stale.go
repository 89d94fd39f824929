package params

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// result waits for a fetch and returns its result. If a stale value can be served, it waits at
// most until deadline and until the fetch is maxWait old.
func (v View) result(ctx context.Context, f *fetch, deadline time.Time) (*content, error) {
	var timeout <-chan time.Time
	if v.staleState(f.entry) != nil && !deadline.IsZero() {
		timer := time.NewTimer(max(min(time.Until(deadline), v.cache.maxWait()-v.cache.fetchAge(f)), 0))
		defer timer.Stop()
		timeout = timer.C
	}
	err := f.wait(ctx, timeout)
	if err != nil {
		if st := v.staleState(f.entry); st != nil {
			v.cache.reportSlow(f, st)
			if err == errWaitTimeout {
				v.cache.countSlow(f)
			}
			return st.content, nil
		}
		if err == errWaitTimeout { // the value became older than MaxStale meanwhile
			err = f.wait(ctx, nil)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case errors.Is(f.err, errStuck): // the next fetch started after this call
		f, _ = v.startOrJoin(ctx, f.entry)
		return v.result(ctx, f, deadline)
	case f.stale != nil && !v.fresh:
		return f.stale, nil
	}
	return f.content, f.err
}

// staleState returns the state of an entry if the View may serve it without a refresh, or nil.
func (v View) staleState(e *entry) *state {
	if st := e.state.Load(); !v.fresh && v.cache.servable(st, v.cache.now()) {
		return st
	}
	return nil
}

// servable reports whether calls may get the content of a state if it cannot be refreshed.
func (c *Cache) servable(st *state, now int64) bool {
	if st == nil || st.content == nil {
		return false
	}
	return now < st.expires || c.options.MaxStale >= 0 && now <= after(after(st.fetched, max(c.options.MaxAge, 0)), c.options.MaxStale)
}

// deadlineShare is the part of the time left in a context that a call waits for refreshes: a
// quarter.
const deadlineShare = 4

// slowMemory is how long a slow fetch shortens the waits for others. If it had no end, short and
// rare invocations would not notice that the source answers again: Lambda freezes the environment
// after each of them, so a fetch has only the time of the wait.
const slowMemory = 30 * time.Second

// halvings returns how often calls halve the time that they wait: once for each slow fetch in a
// row, three times at most.
func (c *Cache) halvings() int64 {
	if age := c.now() - c.lastSlow.Load(); age < 0 || age >= int64(slowMemory) {
		return 0
	}
	return min(c.slowFetches.Load(), 3)
}

// countSlow counts a fetch that a call did not wait for any longer.
func (c *Cache) countSlow(f *fetch) {
	f.entry.mu.Lock()
	defer f.entry.mu.Unlock()
	if f.slow {
		return
	}
	f.slow = true
	if c.halvings() == 0 {
		c.slowFetches.Store(0) // forget those before slowMemory
	}
	c.slowFetches.Add(1)
	c.lastSlow.Store(c.now())
}

// maxWait returns how old a fetch gets until calls get a stale value instead.
func (c *Cache) maxWait() time.Duration { return c.options.StaleWait >> c.halvings() }

// waitDeadline returns the time until which a call waits for refreshes of all its parameters, if
// stale values can be served. The zero time means that it waits until ctx is done.
func (v View) waitDeadline(ctx context.Context) time.Time {
	if v.cache.options.StaleWait < 0 {
		return time.Time{}
	}
	now := time.Now()
	wait := v.cache.maxWait()
	if ctx != nil {
		if deadline, ok := ctx.Deadline(); ok {
			wait = min(wait, deadline.Sub(now)/deadlineShare>>v.cache.halvings())
		}
	}
	return now.Add(wait)
}

// fetchAge returns the age of a fetch by the monotonic clock or by Cache.now, if that is larger.
// The monotonic clock stops while Lambda freezes the environment. Options.Now may be the clock of
// a test.
func (c *Cache) fetchAge(f *fetch) time.Duration {
	requested := f.requested.Load()
	if requested == 0 {
		return 0 // it waits for its turn
	}
	return max(time.Since(f.started), time.Duration(c.now()-requested))
}

// reportSlow reports a fetch that is older than maxWait. It does nothing if the call left earlier,
// because its context ends soon.
func (c *Cache) reportSlow(f *fetch, st *state) {
	age := c.fetchAge(f)
	f.entry.mu.Lock()
	if f.reported || age < c.maxWait() || c.options.StaleWait < 0 {
		f.entry.mu.Unlock()
		return
	}
	f.reported = true
	first := !f.entry.reported
	f.entry.reported = true
	f.entry.mu.Unlock()
	if first {
		c.reportStale(fmt.Errorf("params: %s: no answer within %v", f.entry, age.Round(time.Millisecond)), st, c.now())
	}
}

// reportStale reports that calls get a stale value. Its callers hold no lock, because OnError
// may call the Cache.
func (c *Cache) reportStale(err error, st *state, now int64) {
	age := max(time.Duration(now-st.fetched), 0).Round(time.Second)
	c.report.Report(fmt.Errorf("%w; serving the value fetched %v ago until a refresh succeeds", err, age))
}
