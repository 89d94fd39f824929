package lambdakit

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/sandbox"
)

// begin starts an invocation: from here on it is live.
func begin(ctx context.Context, payload []byte) *Invocation {
	s := sandbox.FromContext(ctx)
	inv := &Invocation{
		payload:     payload,
		sandbox:     s,
		traceHeader: traceHeader(ctx),
		coldStart:   s.ColdStart(),
	}
	inv.lc, _ = lambdacontext.FromContext(ctx)
	inv.ctx = invocationContext{Context: ctx, inv: inv}
	inv.ends = inv.endsBuf[:0]
	inv.deadlines = inv.deadlineBuf[:0]
	live.add(inv)
	return inv
}

// run calls the handler. Where the handler does not return, it finishes the
// invocation and lets the panic, or the Goexit, go on.
func (inv *Invocation) run(h Handler) error {
	returned := false
	defer func() {
		switch {
		case returned:
		case inv.Panic() != nil: // of the user's function: not caught again, to spare frames
			inv.finish()
		default:
			v := recover()
			if v == nil {
				inv.exited()
				return
			}
			inv.recordPanic(v) // of a middleware
			inv.finish()
			panic(v)
		}
	}()
	err := h(&inv.ctx, inv)
	returned = true
	inv.mu.Lock()
	inv.err, inv.panicked = err, nil // one that a middleware recovered is over
	inv.mu.Unlock()
	return err
}

// enter is called before the user's function is, once more where a middleware retries it: a
// panic of the last time has been recovered.
func (inv *Invocation) enter() {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.panicked = nil
}

// catch is deferred beside the user's function: it records a panic and lets it go
// on with its value. Recovering and panicking again inside a deferred function
// keeps the frames below it.
func (inv *Invocation) catch() {
	if v := recover(); v != nil {
		inv.recordPanic(v)
		panic(v)
	}
}

// exited finishes an invocation whose goroutine is being ended by runtime.Goexit.
// aws-lambda-go would never answer Lambda, which would wait for the timeout; so
// the process ends where there is a Lambda to start another.
func (inv *Invocation) exited() {
	inv.setErr(ErrGoexit)
	inv.finish()
	inv.exit(ErrGoexit.Error() + " and cannot answer")
}

// exit ends the process in Lambda.
func (inv *Invocation) exit(why string) {
	if inv.sandbox.Runtime {
		fmt.Fprintln(os.Stderr, why+"; the process exits")
		os.Exit(1)
	}
}

// answer returns what a handler's Invoke returns for inv.
func (inv *Invocation) answer() []byte {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if !inv.responded {
		return []byte("null")
	}
	return inv.response
}

// finish ends the invocation, once: its hooks run in reverse order, and then it is
// no longer live.
func (inv *Invocation) finish() {
	inv.mu.Lock()
	if inv.ended {
		inv.mu.Unlock()
		return
	}
	inv.ended = true
	ends := inv.ends
	if inv.watchdog != nil {
		inv.watchdog.release()
		inv.watchdog = nil
	}
	inv.mu.Unlock()

	inv.reportFailure()
	inv.hooks.Lock() // waits for NearDeadline hooks that are running
	inv.endAll(ends)
}

// endAll calls the hooks, the last one first, and lets go of what the invocation
// holds. A hook that calls runtime.Goexit, as t.Fatal does, keeps none of that from
// happening.
func (inv *Invocation) endAll(ends []Ender) {
	n := len(ends)
	if n == 0 {
		inv.hooks.Unlock()
		inv.mu.Lock()
		unread := inv.stream // nobody took it
		if inv.streaming {
			unread = nil
		}
		inv.payload, inv.response, inv.stream, inv.ends, inv.deadlines = nil, nil, nil, nil, nil
		inv.mu.Unlock()
		closeStream(unread)
		live.remove(inv)
		return
	}
	defer inv.endAll(ends[:n-1])
	inv.end(ends[n-1])
}

func (inv *Invocation) end(e Ender) {
	defer contain("EndInvocation hook of a middleware")
	e.EndInvocation(&inv.ctx, inv)
}

func closeStream(r io.Reader) {
	if c, ok := r.(io.Closer); ok {
		defer contain("Close method of a response stream")
		c.Close()
	}
}

// nearDeadline tells everyone who asked that time is running out, and reports whether it
// did: hooks that run already, or are about to at the end, are told nothing else.
func (inv *Invocation) nearDeadline() bool {
	if !inv.hooks.TryLock() {
		return false
	}
	defer inv.hooks.Unlock()
	inv.mu.Lock()
	notify, ended := inv.deadlines, inv.ended
	inv.mu.Unlock()
	if ended {
		return false
	}
	for _, n := range notify {
		inv.notify(n)
	}
	for _, n := range notify {
		if late, ok := n.(LateDeadlineNotifier); ok && !inv.hasEnded() {
			inv.notifyLate(late)
		}
	}
	return true
}

func (inv *Invocation) hasEnded() bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.ended
}

// shutDown is nearDeadline, and waits for hooks that run already, as long as Shutdown does.
func (inv *Invocation) shutDown() {
	inv.shuttingDown.Store(true)
	if inv.nearDeadline() {
		return
	}
	const interval = time.Millisecond
	for range shutdownWait / interval {
		time.Sleep(interval)
		if !inv.atWork() {
			return
		}
	}
}

// atWork reports whether hooks run, or are about to at the end.
func (inv *Invocation) atWork() bool {
	if !inv.hooks.TryLock() {
		return true
	}
	defer inv.hooks.Unlock()
	inv.mu.Lock()
	defer inv.mu.Unlock()
	return inv.ended && inv.ends != nil
}

func (inv *Invocation) notify(n DeadlineNotifier) {
	defer contain("NearDeadline hook of a middleware")
	n.NearDeadline(&inv.ctx, inv)
}

func (inv *Invocation) notifyLate(n LateDeadlineNotifier) {
	defer contain("NearDeadlineLate hook of a middleware")
	n.NearDeadlineLate(&inv.ctx, inv)
}

// contain keeps a panic in what is not the function itself from taking it down.
func contain(what string) {
	if v := recover(); v != nil {
		fmt.Fprintf(os.Stderr, "lambdakit: the %s panicked: %v\n", what, v)
	}
}
