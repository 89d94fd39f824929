package lambdakit

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/execenv"
)

// begin starts an invocation and adds it to the live ones.
func begin(ctx context.Context, payload []byte) *Invocation {
	env := execenv.FromContext(ctx)
	inv := &Invocation{
		payload:     payload,
		env:         env,
		traceHeader: traceHeader(ctx),
		coldStart:   env.ColdStart(),
	}
	inv.lambdaContext, _ = lambdacontext.FromContext(ctx)
	inv.ctx = invocationContext{Context: ctx, inv: inv}
	inv.enders = inv.enderBuf[:0]
	inv.notifiers = inv.notifierBuf[:0]
	live.add(inv)
	return inv
}

// run calls the handler. If the handler panics or calls runtime.Goexit, run ends the invocation and
// lets the panic or the Goexit go on.
func (inv *Invocation) run(h Handler) error {
	returned := false
	defer func() {
		switch {
		case returned:
		case inv.Panic() != nil: // a panic of the user's function: recovering again would add frames
			inv.end()
		default:
			v := recover()
			if v == nil {
				inv.endByGoexit()
				return
			}
			inv.recordPanic(v) // a panic of a middleware
			inv.end()
			panic(v)
		}
	}()
	err := h(&inv.ctx, inv)
	returned = true
	inv.mu.Lock()
	inv.err, inv.panicked = err, nil // a middleware recovered the panic
	inv.mu.Unlock()
	return err
}

// resetPanic is called before each call of the user's function. If a middleware recovered a panic and
// retries, the earlier panic no longer counts.
func (inv *Invocation) resetPanic() {
	inv.mu.Lock()
	inv.panicked = nil
	inv.mu.Unlock()
}

// catchPanic is deferred around the call of the user's function. It records a panic and panics again
// with the same value. A panic inside a deferred function keeps the frames of the first panic.
func (inv *Invocation) catchPanic() {
	if v := recover(); v != nil {
		inv.recordPanic(v)
		panic(v)
	}
}

// endByGoexit ends an invocation whose goroutine is being ended by runtime.Goexit. aws-lambda-go
// cannot answer, so Lambda would wait for the timeout. The process exits instead, and Lambda starts
// another one.
func (inv *Invocation) endByGoexit() {
	inv.setErr(ErrGoexit)
	inv.end()
	inv.exitProcess(ErrGoexit.Error() + " and cannot answer")
}

// exitProcess ends the process if it runs in Lambda.
func (inv *Invocation) exitProcess(reason string) {
	if inv.env.Runtime {
		fmt.Fprintln(os.Stderr, reason+"; the process exits")
		os.Exit(1)
	}
}

// end ends the invocation: it runs the hooks of OnEnd and removes the invocation from the live ones.
// Only the first call has an effect.
func (inv *Invocation) end() {
	inv.mu.Lock()
	if inv.phase.hasEnded() {
		inv.mu.Unlock()
		return
	}
	notifying := inv.phase == phaseNotifying
	if notifying {
		inv.setPhase(phaseWaiting)
	} else {
		inv.setPhase(phaseEnding)
	}
	enders := inv.enders
	if inv.watchdog != nil {
		inv.watchdog.release(inv.env.Runtime)
		inv.watchdog = nil
	}
	inv.mu.Unlock()

	inv.reportFailure()
	if notifying {
		inv.awaitNotifiers()
	}
	defer inv.respond() // also if a hook calls runtime.Goexit
	inv.runEnders(enders)
}

// awaitNotifiers waits until the NearDeadline hooks have returned, after the end.
func (inv *Invocation) awaitNotifiers() {
	inv.mu.Lock()
	for inv.phase == phaseWaiting {
		changed := inv.phaseChange()
		inv.mu.Unlock()
		<-changed
		inv.mu.Lock()
	}
	inv.mu.Unlock()
}

// release drops all data of the invocation, and closes a response stream that no one reads.
func (inv *Invocation) release() {
	inv.mu.Lock()
	var unread io.Reader
	if inv.responseKind != responseStreaming {
		unread = inv.readUncommon().stream
	}
	inv.payload, inv.response, inv.enders, inv.notifiers = nil, nil, nil, nil
	if inv.uncommon != nil {
		inv.uncommon.stream = nil
	}
	inv.setPhase(phaseEnded)
	inv.mu.Unlock()
	closeStream(unread)
	live.remove(inv)
}
