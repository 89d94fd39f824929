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

// DeadlineMargin returns a Middleware that sets the time between the hooks of
// [Invocation.OnDeadline] and the deadline. The default, also for a margin of 0, is a tenth of the
// time left at the start, at least 50 ms and at most 1 s. With a negative margin, the hooks run
// only at a shutdown.
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
	defer inv.mu.Unlock() // Deadline of the user's context may panic
	inv.margin = margin
	if inv.watchdog != nil { // an outer middleware registered a hook
		inv.watchdog.release(inv.env.Runtime)
		inv.watchdog = nil
	}
	if len(inv.notifiers) > 0 && !inv.phase.hasEnded() {
		inv.startWatchdog()
	}
}

// startWatchdog starts the watchdog, unless less time than the margin is left. The caller holds inv.mu.
func (inv *Invocation) startWatchdog() {
	deadline, ok := inv.ctx.Deadline()
	if !ok || inv.margin < 0 {
		return
	}
	now := time.Now()
	left := deadline.Sub(now)
	margin := inv.marginOf(left)
	if left <= margin {
		return
	}
	inv.watchdog = newWatchdog(inv, now, left-margin)
}

// marginOf returns the margin before the deadline of an invocation that has some time left.
func (inv *Invocation) marginOf(left time.Duration) time.Duration {
	if inv.margin > 0 {
		return inv.margin
	}
	return min(max(left/10, minMargin), maxMargin)
}

// watchdog is a timer that calls nearDeadline. In Lambda, a pool reuses it, since a function may
// handle thousands of invocations a second. Its timer goes on after an invocation: the next one is due
// later, so the timer is set again when it fires, and not for each invocation. Elsewhere it is not reused: a
// timer must not leave the bubble of testing/synctest that created it.
type watchdog struct {
	timer *time.Timer

	mu      sync.Mutex
	inv     *Invocation // nil between invocations, and once the hooks have run
	due     time.Time   // of inv
	firing  time.Time   // when the timer fires
	running bool        // the timer is set
}

var watchdogs sync.Pool

func newWatchdog(inv *Invocation, now time.Time, after time.Duration) *watchdog {
	if inv.env.Runtime {
		if w, ok := watchdogs.Get().(*watchdog); ok {
			w.watch(inv, now, after)
			return w
		}
	}
	w := new(watchdog)
	w.watch(inv, now, after)
	return w
}

// watch makes w call nearDeadline of inv.
func (w *watchdog) watch(inv *Invocation, now time.Time, after time.Duration) {
	w.mu.Lock()
	w.inv, w.due = inv, now.Add(after)
	if !w.running || w.due.Before(w.firing) {
		w.set(after)
	}
	w.mu.Unlock()
}

// set sets the timer. The caller holds w.mu.
func (w *watchdog) set(after time.Duration) {
	w.firing, w.running = w.due, true
	if w.timer == nil {
		w.timer = time.AfterFunc(after, w.fire)
	} else {
		w.timer.Reset(after)
	}
}

// fire runs in the goroutine of the timer.
func (w *watchdog) fire() {
	w.mu.Lock()
	w.running = false
	inv := w.inv
	if inv == nil {
		w.mu.Unlock()
		return
	}
	if left := time.Until(w.due); left > 0 { // the timer was set for an earlier invocation
		w.set(left)
		w.mu.Unlock()
		return
	}
	w.inv = nil // if the timer was set twice, it fires twice
	w.mu.Unlock()
	inv.nearDeadline()
}

// unwatch makes w forget its invocation. Hooks may still be running.
func (w *watchdog) unwatch() {
	w.mu.Lock()
	w.inv = nil
	w.mu.Unlock()
}

// release ends the use of w for an invocation.
func (w *watchdog) release(reuse bool) {
	w.unwatch()
	if reuse {
		watchdogs.Put(w)
	} else {
		w.timer.Stop()
	}
}

// nearDeadline runs the hooks of OnDeadline and reports whether it did. It does nothing if hooks are
// running already, or if the invocation has ended.
func (inv *Invocation) nearDeadline() bool {
	inv.mu.Lock()
	if inv.phase != phaseRunning {
		inv.mu.Unlock()
		return false
	}
	inv.setPhase(phaseNotifying)
	notifiers := inv.notifiers
	inv.mu.Unlock()
	defer inv.notified()
	for _, n := range notifiers {
		inv.notify(n)
	}
	for _, n := range notifiers {
		if late, ok := n.(LateDeadlineNotifier); ok && !inv.hasEnded() {
			inv.notifyLate(late)
		}
	}
	return true
}

// notified is called when the NearDeadline hooks have returned.
func (inv *Invocation) notified() {
	inv.mu.Lock()
	if inv.phase == phaseWaiting {
		inv.setPhase(phaseEnding)
	} else {
		inv.setPhase(phaseRunning)
	}
	inv.mu.Unlock()
}

func (inv *Invocation) hasEnded() bool {
	inv.mu.Lock()
	ended := inv.phase.hasEnded()
	inv.mu.Unlock()
	return ended
}

func (inv *Invocation) notify(n DeadlineNotifier) {
	defer recoverHook("NearDeadline hook of a middleware")
	n.NearDeadline(&inv.ctx, inv)
}

func (inv *Invocation) notifyLate(n LateDeadlineNotifier) {
	defer recoverHook("NearDeadlineLate hook of a middleware")
	n.NearDeadlineLate(&inv.ctx, inv)
}
