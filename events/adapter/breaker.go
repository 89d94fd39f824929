package adapter

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// outcome tells whether the other system works.
type outcome int

const (
	ignored  outcome = iota // the call does not tell
	answered                // yes, even if the status is 404
	failed                  // no, it is down or overloaded
)

var (
	errFailed  = errors.New("failed")
	errIgnored = errors.New("ignored")
)

// breaker stops calls to a system that fails. gobreaker counts, and lets one call through after the
// pause. The pause itself is measured here, by the wall clock: gobreaker uses the monotonic clock,
// which may stop while the execution environment is frozen, so that an open breaker would stay open.
type breaker struct {
	openFor time.Duration

	mu    sync.Mutex // held for every call of calls
	calls *gobreaker.TwoStepCircuitBreaker[struct{}]
	until time.Time // no call starts before
}

func newBreaker(after int, openFor time.Duration) *breaker {
	b := &breaker{openFor: openFor}
	b.calls = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      time.Nanosecond, // until is the pause
		ReadyToTrip:  func(c gobreaker.Counts) bool { return int64(c.ConsecutiveFailures) >= int64(after) },
		IsExcluded:   func(err error) bool { return err == errIgnored },
		IsSuccessful: func(err error) bool { return err == nil },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			switch to {
			case gobreaker.StateOpen:
				b.until = wallClock().Add(openFor)
				slog.Warn("adapter: the other system fails; the breaker is open", "open_for", openFor.String(), "again", from == gobreaker.StateHalfOpen)
			case gobreaker.StateClosed:
				slog.Warn("adapter: the other system works again; the breaker is closed")
			}
		},
	})
	return b
}

// left returns the time for which the breaker stays open.
func (b *breaker) left() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leftLocked()
}

func (b *breaker) leftLocked() time.Duration {
	left := b.until.Sub(wallClock())
	if left > b.openFor { // the clock was set back
		return 0
	}
	return max(left, 0)
}

// allow begins a call. done must be called with its outcome. If the breaker is open, done is nil, and
// left is the time until another call may be allowed.
func (b *breaker) allow() (done func(outcome), left time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if left := b.leftLocked(); left > 0 {
		return nil, left
	}
	end, err := b.calls.Allow()
	if err != nil { // another call tries whether the system works
		return nil, b.openFor
	}
	return func(o outcome) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch o {
		case answered:
			end(nil)
		case failed:
			end(errFailed)
		default:
			end(errIgnored)
		}
	}, 0
}
