package lambdakit

import (
	"context"
	"fmt"
	"os"
)

// Ender is a hook for the end of an invocation.
type Ender interface {
	// EndInvocation is called once, after the function returned, failed or panicked, or after
	// its response stream ended. [Invocation.Err] and [Invocation.Panic] return the outcome. A
	// panic in EndInvocation is recovered and reported on os.Stderr.
	EndInvocation(ctx context.Context, inv *Invocation)
}

// DeadlineNotifier is a hook for a near deadline.
type DeadlineNotifier interface {
	// NearDeadline is called from another goroutine while the function still runs: shortly before
	// the deadline, or before Lambda shuts down the execution environment. At a shutdown,
	// [Invocation.ShuttingDown] returns true. The function may still return in time, so data
	// written here must not be written again at the end. A panic in NearDeadline is recovered and
	// reported on os.Stderr.
	//
	// The hooks run one after the other. The end of the invocation waits for them, so each must be
	// quick.
	NearDeadline(ctx context.Context, inv *Invocation)
}

// LateDeadlineNotifier is a DeadlineNotifier with slow work that must not delay other hooks.
type LateDeadlineNotifier interface {
	DeadlineNotifier

	// NearDeadlineLate is called after the NearDeadline hooks of all middleware have returned,
	// unless the invocation has ended meanwhile. It must also be bounded in time. A panic in it
	// is recovered and reported on os.Stderr.
	NearDeadlineLate(ctx context.Context, inv *Invocation)
}

// OnEnd registers a hook for the end of the invocation. The hooks run in reverse order: the last
// one first. If the invocation has ended already, OnEnd calls e immediately.
func (inv *Invocation) OnEnd(e Ender) {
	inv.mu.Lock()
	if !inv.phase.hasEnded() {
		inv.enders = append(inv.enders, e)
		inv.mu.Unlock()
		return
	}
	inv.mu.Unlock()
	inv.runEnder(e)
}

// OnDeadline registers a hook for a near deadline, or for a shutdown of the execution environment.
// If the invocation has no deadline, or less time left than the margin, the hook runs only at a
// shutdown. After the end, OnDeadline does nothing.
func (inv *Invocation) OnDeadline(n DeadlineNotifier) {
	inv.mu.Lock()
	defer inv.mu.Unlock() // Deadline of the user's context may panic
	if inv.phase.hasEnded() {
		return
	}
	inv.notifiers = append(inv.notifiers, n)
	if inv.watchdog == nil {
		inv.startWatchdog()
	}
}

// ShuttingDown reports whether Lambda is shutting down the execution environment while the
// invocation is still running. It always returns false unless [Shutdown] is passed to
// lambda.WithEnableSIGTERM.
func (inv *Invocation) ShuttingDown() bool { return inv.shuttingDown.Load() }

// runEnders runs the hooks, the last one first, and then releases the invocation. Each call defers the
// rest: a hook may call runtime.Goexit, as t.Fatal does.
func (inv *Invocation) runEnders(enders []Ender) {
	n := len(enders)
	if n == 0 {
		inv.release()
		return
	}
	defer inv.runEnders(enders[:n-1])
	inv.runEnder(enders[n-1])
}

func (inv *Invocation) runEnder(e Ender) {
	defer recoverHook("EndInvocation hook of a middleware")
	e.EndInvocation(&inv.ctx, inv)
}

// recoverHook recovers a panic of a hook and reports it on os.Stderr, so that the hook cannot end the
// function. what names the hook.
func recoverHook(what string) {
	if v := recover(); v != nil {
		fmt.Fprintf(os.Stderr, "lambdakit: the %s panicked: %v\n", what, v)
	}
}
