package lambdakit

import (
	"errors"
	"runtime"
)

// ErrGoexit is the error of an invocation whose function called runtime.Goexit, as t.FailNow
// does. [Invocation.Err] returns it to hooks of [Invocation.OnEnd]. The handler cannot return it,
// since its goroutine ends.
var ErrGoexit = errors.New("lambdakit: the function called runtime.Goexit")

// Panic describes a panic of the user's function.
type Panic struct {
	Value any       // the argument of panic
	Stack []uintptr // program counters for runtime.CallersFrames, innermost first
}

// Err returns the error of an invocation that has ended, and nil before the end. It is the first
// of these that exists:
//
//   - the error of the handler or of its response stream, or [ErrGoexit];
//   - the error given to [Invocation.Fail].
func (inv *Invocation) Err() error {
	inv.mu.Lock()
	err := inv.err
	if err == nil {
		err = inv.readUncommon().failure
	}
	if !inv.phase.hasEnded() {
		err = nil
	}
	inv.mu.Unlock()
	return err
}

// Fail marks the invocation as failed although Lambda gets its response: an HTTP response with
// a 5xx status, or a batch in which every record failed. Logs, traces, lambdakit run and
// lambdatest show it like an error that the handler returned. Only the first error
// counts. A call with nil, or after the end, does nothing.
func (inv *Invocation) Fail(err error) {
	inv.mu.Lock()
	if err != nil && inv.readUncommon().failure == nil && !inv.phase.hasEnded() {
		inv.writeUncommon().failure = err
	}
	inv.mu.Unlock()
}

// Answered reports whether Lambda got a response: the handler returned, and its response
// stream ended, without an error and without a panic. If Answered is true and Err returns an
// error, the error was given to [Invocation.Fail]. Answered is false before the end.
func (inv *Invocation) Answered() bool {
	inv.mu.Lock()
	answered := inv.phase.hasEnded() && inv.err == nil && inv.panicked == nil
	inv.mu.Unlock()
	return answered
}

// Panic returns the panic that is unwinding the invocation or has ended it, or nil. A middleware
// that recovers a panic can read it here. If a middleware recovered the panic and the handler
// returned, Panic returns nil at the end.
func (inv *Invocation) Panic() *Panic {
	inv.mu.Lock()
	p := inv.panicked
	inv.mu.Unlock()
	return p
}

func (inv *Invocation) setErr(err error) {
	inv.mu.Lock()
	inv.err = err
	inv.mu.Unlock()
}

// recordPanic records the value and the stack of a panic. Call it directly in a deferred function.
func (inv *Invocation) recordPanic(v any) { inv.setPanic(newPanic(v, 1)) }

// newPanic returns the value and the stack of a panic. skip is the number of functions between
// newPanic and the deferred function.
func newPanic(v any, skip int) *Panic {
	pcs := make([]uintptr, 64)
	const own = 4 // runtime.Callers, newPanic, the deferred function, panic
	n := runtime.Callers(own+skip, pcs)
	return &Panic{Value: v, Stack: pcs[:n]}
}

// SetPanicStack tells where a panic began that goes on in the goroutine of the invocation: the program
// counters of the goroutine in which it began, for runtime.CallersFrames. Call it just before the panic
// goes on.
func (inv *Invocation) SetPanicStack(stack []uintptr) {
	inv.mu.Lock()
	inv.writeUncommon().panicStack = stack
	inv.mu.Unlock()
}

func (inv *Invocation) setPanic(p *Panic) {
	inv.mu.Lock()
	if p != nil && inv.readUncommon().panicStack != nil {
		p.Stack, inv.uncommon.panicStack = inv.uncommon.panicStack, nil
	}
	inv.panicked = p
	inv.mu.Unlock()
}
