package lambdakit

import (
	"context"
	"fmt"
	"os"

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
func (inv *Invocation) run(h Handler) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if inv.panicked == nil {
			if v := recover(); v != nil { // a middleware panicked
				inv.recordPanic(v)
				inv.finish()
				panic(v)
			}
			inv.exited()
			return
		}
		inv.finish()
	}()
	inv.err = h(&inv.ctx, inv)
	returned = true
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
	inv.err = ErrGoexit
	inv.finish()
	if inv.sandbox.Runtime {
		fmt.Fprintln(os.Stderr, ErrGoexit.Error()+" and cannot answer; the process exits")
		os.Exit(1)
	}
}

// answer returns what a handler's Invoke returns for inv.
func (inv *Invocation) answer() ([]byte, error) {
	if inv.err != nil {
		return nil, inv.err
	}
	if !inv.responded {
		return []byte("null"), nil
	}
	return inv.response, nil
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

	inv.hooks.Lock() // waits for NearDeadline hooks that are running
	for i := len(ends) - 1; i >= 0; i-- {
		inv.end(ends[i])
	}
	inv.hooks.Unlock()
	inv.mu.Lock()
	inv.payload = nil
	inv.mu.Unlock()
	live.remove(inv)
}

func (inv *Invocation) end(e Ender) {
	defer contain("EndInvocation")
	e.EndInvocation(&inv.ctx, inv)
}

// nearDeadline tells everyone who asked that time is running out.
func (inv *Invocation) nearDeadline() {
	inv.hooks.Lock()
	defer inv.hooks.Unlock()
	inv.mu.Lock()
	notify := inv.deadlines
	if inv.ended {
		notify = nil
	}
	inv.mu.Unlock()
	for _, n := range notify {
		inv.notify(n)
	}
}

func (inv *Invocation) notify(n DeadlineNotifier) {
	defer contain("NearDeadline")
	n.NearDeadline(&inv.ctx, inv)
}

// contain keeps a panic in a hook from taking the function down.
func contain(hook string) {
	if v := recover(); v != nil {
		fmt.Fprintf(os.Stderr, "lambdakit: a middleware's %s hook panicked: %v\n", hook, v)
	}
}
