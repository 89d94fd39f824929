package adapter

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits bounds the calls at the same time and in a second.
type limits struct {
	slots chan struct{} // nil: no limit

	mu   sync.Mutex    // makes the withdrawal of a reservation exact
	rate *rate.Limiter // nil: no limit
}

func newLimits(perSecond float64, burst, inFlight int) *limits {
	l := &limits{}
	if inFlight > 0 {
		l.slots = make(chan struct{}, inFlight)
	}
	if perSecond > 0 {
		l.rate = rate.NewLimiter(rate.Limit(perSecond), burst)
	}
	return l
}

// acquire waits until less than the limit of calls are in flight. It returns false if that is not
// before start, or if ctx ends. release must follow true.
func (l *limits) acquire(ctx context.Context, start time.Time) bool {
	if ctx.Err() != nil || isPast(start) {
		return false
	}
	if l.slots == nil {
		return true
	}
	select {
	case l.slots <- struct{}{}:
		return true
	default:
	}
	var late <-chan time.Time
	if !start.IsZero() {
		t := time.NewTimer(time.Until(start))
		defer t.Stop()
		late = t.C
	}
	select {
	case l.slots <- struct{}{}:
		return true
	case <-late:
	case <-ctx.Done():
	}
	return false
}

func (l *limits) release() {
	if l.slots != nil {
		<-l.slots
	}
}

// wait waits until the rate allows a call. It returns false if that is not before start, or if ctx
// ends; delay is the time after which the rate would allow it.
func (l *limits) wait(ctx context.Context, start time.Time) (delay time.Duration, ok bool) {
	if l.rate == nil {
		return 0, ctx.Err() == nil && !isPast(start)
	}
	r, delay, ok := l.reserve(start)
	if !ok || delay == 0 {
		return delay, ok && ctx.Err() == nil
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
		return 0, true
	case <-ctx.Done():
		l.withdraw(r)
		return 0, false
	}
}

// reserve reserves the next call that the rate allows, unless it is after start.
func (l *limits) reserve(start time.Time) (*rate.Reservation, time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := wallClock()
	r := l.rate.ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if !start.IsZero() && now.Add(delay).After(start) {
		r.CancelAt(now)
		return nil, delay, false
	}
	return r, delay, true
}

func (l *limits) withdraw(r *rate.Reservation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.CancelAt(wallClock())
}

// wallClock returns the time without the monotonic clock, which may stop while the execution
// environment is frozen.
func wallClock() time.Time { return time.Now().Round(0) }

func isPast(t time.Time) bool { return !t.IsZero() && time.Now().After(t) }
