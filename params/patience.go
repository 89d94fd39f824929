package params

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// outcome waits for a flight. If an older value may be served in its place, it waits until
// the end of the call's patience at most.
func (v View) outcome(ctx context.Context, f *flight, patience time.Time) (*content, error) {
	var late <-chan time.Time
	if v.older(f.entry) != nil && !patience.IsZero() {
		timer := time.NewTimer(max(min(time.Until(patience), v.store.patience()-v.store.age(f)), 0))
		defer timer.Stop()
		late = timer.C
	}
	err := f.wait(ctx, late)
	if err != nil {
		if st := v.older(f.entry); st != nil {
			v.store.overdue(f, st)
			return st.content, nil
		}
		if err == errLate { // it has become too old meanwhile
			err = f.wait(ctx, nil)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case errors.Is(f.err, errLost):
		return v.fetch(ctx, f.entry.key())
	case f.err != nil && f.older != nil && !v.fresh:
		return f.older, nil
	}
	return f.content, f.err
}

// older returns the state of e if its content may be served although it has expired.
func (v View) older(e *entry) *state {
	if st := e.state.Load(); !v.fresh && v.store.servable(st, v.store.now()) {
		return st
	}
	return nil
}

// patienceShare bounds the time that a call waits for refreshes: a quarter of the time that
// its context has left.
const patienceShare = 4

// patience returns how long a fetch may take until callers get an older value. It is halved,
// three times at most, with each fetch in a row that takes longer.
func (s *Cache) patience() time.Duration { return s.o.StaleWait >> min(s.silent.Load(), 3) }

// patienceEnd returns until when a call waits in all, if older values may be served. Zero is
// as long as ctx lasts.
func (v View) patienceEnd(ctx context.Context) time.Time {
	wait := v.store.o.StaleWait
	if wait < 0 {
		return time.Time{}
	}
	now := time.Now()
	if ctx != nil {
		if deadline, ok := ctx.Deadline(); ok {
			wait = min(wait, deadline.Sub(now)/patienceShare)
		}
	}
	return now.Add(wait)
}

// age returns how long a flight has taken so far, by the clock that says more: the
// monotonic one stops while Lambda has the environment frozen, Options.Now may be a test's.
func (s *Cache) age(f *flight) time.Duration {
	began := f.request.Load()
	if began == 0 {
		return 0 // it waits for its turn
	}
	return max(time.Since(f.start), time.Duration(s.now()-began))
}

// overdue notes that an older value is served since a flight has taken too long, as opposed
// to a caller in a hurry.
func (s *Cache) overdue(f *flight, st *state) {
	age := s.age(f)
	f.entry.mu.Lock()
	if f.overdue || age < s.patience() || s.o.StaleWait < 0 {
		f.entry.mu.Unlock()
		return
	}
	f.overdue = true
	s.silent.Add(1)
	first := !f.entry.reported
	f.entry.reported = true
	f.entry.mu.Unlock()
	if first {
		s.reportStale(fmt.Errorf("params: %s: no answer within %v", f.entry, age.Round(time.Millisecond)), st, s.now())
	}
}
