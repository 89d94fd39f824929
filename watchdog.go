package lambdakit

import (
	"context"
	"sync"
	"time"
)

const (
	minMargin = 50 * time.Millisecond
	maxMargin = time.Second
)

// DeadlineMargin returns a Middleware that sets how long before the deadline the
// hooks of [Invocation.OnDeadline] are called. The default is a tenth of the time
// left at the start, at least 50 ms and at most 1 s. With a negative margin they
// are not called; 0 is the default.
func DeadlineMargin(margin time.Duration) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, inv *Invocation) error {
			inv.setMargin(margin)
			return next(ctx, inv)
		}
	}
}

func (inv *Invocation) setMargin(margin time.Duration) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.margin = margin
	if inv.watchdog != nil { // armed by a middleware further out
		inv.watchdog.release()
		inv.watchdog = nil
	}
	if len(inv.deadlines) > 0 && !inv.ended {
		inv.arm()
	}
}

// arm starts the watchdog unless there is too little time for it. inv.mu is held.
func (inv *Invocation) arm() {
	deadline, ok := inv.ctx.Deadline()
	if !ok || inv.margin < 0 {
		return
	}
	left := time.Until(deadline)
	margin := inv.margin
	if margin == 0 {
		margin = min(max(left/10, minMargin), maxMargin)
	}
	if left <= margin {
		return
	}
	inv.watchdog = newWatchdog(inv, left-margin)
}

// watchdog is a timer that calls nearDeadline. It is reused between invocations
// in Lambda, where a function may handle thousands a second. Elsewhere it is not:
// a timer must not be carried out of a test's time bubble.
type watchdog struct {
	timer *time.Timer
	inv   *Invocation
}

var watchdogs sync.Pool

func newWatchdog(inv *Invocation, after time.Duration) *watchdog {
	if inv.sandbox.Runtime {
		if w, ok := watchdogs.Get().(*watchdog); ok {
			w.inv = inv
			w.timer.Reset(after)
			return w
		}
	}
	w := &watchdog{inv: inv}
	w.timer = time.AfterFunc(after, w.fire)
	return w
}

// fire runs in the timer's goroutine.
func (w *watchdog) fire() { w.inv.nearDeadline() }

// release stops the timer. A watchdog whose timer has fired may still be running,
// and is left to the garbage collector.
func (w *watchdog) release() {
	if w.timer.Stop() && w.inv.sandbox.Runtime {
		w.inv = nil
		watchdogs.Put(w)
	}
}
