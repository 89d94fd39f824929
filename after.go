package lambdakit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/extension"
)

// AfterResponse runs f when the caller of the invocation has the response, if [RespondFirst] is among
// the middleware of Wrap. Otherwise, or if the platform cannot do that, f runs before the response is
// sent. So f runs once and is never lost without a report, but the environment may die before f is done.
// It is not repeated, and its time is billed. What must not be lost belongs into a queue, or into an
// outbox, before the response.
//
// f runs however the handler ended. If several functions are registered, they run in their order. The
// context of f carries the invocation, and is not cancelled with it; it ends shortly before the deadline.
// If f returns an error or panics, one line at ERROR says so, if the Middleware of package logging is in
// use, or else a line on os.Stderr. name names the work in that line.
//
// Outside an invocation, f runs at once, with ctx. After the end of the invocation, f runs at once, too.
func AfterResponse(ctx context.Context, name string, f func(ctx context.Context) error) {
	w := work{name, ctx, f}
	switch inv := FromContext(ctx); {
	case inv == nil:
		w.run(ctx)
	case !inv.after(w):
		a := afterwards{works: []work{w}}
		a.run(inv)
	}
}

// Later is work of a middleware after the response.
type Later interface {
	// AfterResponse is called once, after the functions of the user, in time to write what they made.
	// ctx ends before the deadline. A panic in it is recovered and reported on os.Stderr.
	AfterResponse(ctx context.Context)
}

// AfterResponse registers work of a middleware. It runs when the function [AfterResponse] says. After
// the end of the invocation, l is called at once.
func (inv *Invocation) AfterResponse(l Later) {
	inv.mu.Lock()
	if !inv.phase.hasEnded() {
		a := inv.deferred()
		a.later = append(a.later, l)
		inv.mu.Unlock()
		return
	}
	inv.mu.Unlock()
	a := afterwards{later: []Later{l}}
	a.run(inv)
}

// afterwards is what runs after the response of an invocation.
type afterwards struct {
	works []work
	later []Later

	responder responder // that has the event of the invocation, or nil
	free      bool      // nothing is frozen after the response
}

// responder is an extension.Extension. The interface keeps its code out of functions without
// RespondFirst.
type responder interface {
	Begin(requestID string) bool
	End(requestID string, work func()) bool
}

// work is an argument of AfterResponse.
type work struct {
	name string
	ctx  context.Context
	f    func(context.Context) error
}

// after registers work. It returns false if the invocation has ended.
func (inv *Invocation) after(w work) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.phase.hasEnded() {
		return false
	}
	a := inv.deferred()
	a.works = append(a.works, w)
	return true
}

// deferred returns what runs after the response. The caller holds inv.mu.
func (inv *Invocation) deferred() *afterwards {
	if inv.afterwards == nil {
		inv.afterwards = new(afterwards)
	}
	return inv.afterwards
}

// RespondFirst is a [Middleware] that makes the work of [AfterResponse] run when the caller has the
// response. Put it first:
//
//	lambda.Start(lambdakit.Wrap(handle, lambdakit.RespondFirst, tracer.Middleware, logs.Middleware))
//
// It registers the function as an internal extension of itself, named "lambdakit", when Wrap is called,
// which must be before lambda.Start. Lambda freezes the execution environment only when the work is done.
// The next invocation of the environment waits for it. An extension takes one of ten places, and Lambda
// sends SIGTERM 500 ms before it ends the environment.
//
// If Lambda refuses the extension, one report on os.Stderr says so, and the work runs before the
// response. If the environment runs invocations concurrently (Lambda Managed Instances), it is not
// frozen, so the work runs in a goroutine after the response. Outside Lambda, RespondFirst does nothing.
func RespondFirst(next Handler) Handler {
	concurrent := lambdacontext.MaxConcurrency() > 1
	if execenv.RuntimeAPI() == "" {
		return next
	}
	var r responder
	if !concurrent {
		e := registerOnce()
		if e == nil {
			return next
		}
		r = e
	}
	return func(ctx context.Context, inv *Invocation) error {
		if concurrent || inv.RequestID() != "" && r.Begin(inv.RequestID()) {
			inv.mu.Lock()
			a := inv.deferred()
			a.responder, a.free = r, concurrent
			inv.mu.Unlock()
		}
		return next(ctx, inv)
	}
}

// registration is the extension of this process.
var registration struct {
	once sync.Once
	e    *extension.Extension // nil if Lambda refuses it
}

// registerOnce registers the extension of this process. It returns nil if Lambda refuses it. It is not a
// sync.OnceValue, which functions without RespondFirst would link.
func registerOnce() *extension.Extension {
	registration.once.Do(func() {
		e, err := extension.Register(execenv.RuntimeAPI(), "lambdakit", exitWithoutEvents)
		if err != nil {
			fmt.Fprintf(os.Stderr, "lambdakit: RespondFirst: Lambda refuses an extension of the function: %v; work of AfterResponse runs before the response\n", err)
			return
		}
		registration.e = e
	})
	return registration.e
}

func exitWithoutEvents(err error) {
	fmt.Fprintf(os.Stderr, "lambdakit: RespondFirst: Lambda sends no more events to the extension of the function: %v; the process exits\n", err)
	os.Exit(1)
}

// respond runs the work of the invocation, or hands it over to the extension. It is called when the
// invocation has ended.
func (inv *Invocation) respond() {
	inv.mu.Lock()
	a := inv.afterwards
	inv.afterwards = nil
	unwound := inv.panicked != nil || inv.err == ErrGoexit // errors.Is would call methods of the user's error
	inv.mu.Unlock()
	if a == nil {
		return
	}
	id := inv.RequestID()
	empty := len(a.works) == 0 && len(a.later) == 0
	switch {
	case empty && a.responder != nil:
		a.responder.End(id, nil)
	case empty:
	case unwound: // the process exits when the error is sent
		a.run(inv)
		if a.responder != nil {
			a.responder.End(id, nil)
		}
	case a.free:
		go inv.afterAnswer(a)
	case a.responder == nil || !a.responder.End(id, func() { inv.afterAnswer(a) }):
		a.run(inv)
	}
}

// answerWait bounds the wait for the response to be away. Code around the handler may hide its end.
const answerWait = 100 * time.Millisecond

// afterAnswer runs the work when the response is away: aws-lambda-go cancels the context then.
func (inv *Invocation) afterAnswer(a *afterwards) {
	if done := inv.ctx.Done(); done != nil {
		timeout := time.NewTimer(answerWait)
		defer timeout.Stop()
		select {
		case <-done:
		case <-timeout.C:
		}
	}
	a.run(inv)
}

// Times before the deadline. The first two are in margins of the watchdog.
const (
	workMargins  = 2                     // the contexts of the user's functions end
	flushMargins = 1                     // the user's functions are left behind, and the hooks of middleware begin
	abandonment  = 50 * time.Millisecond // the hooks of middleware are left behind
)

// run runs the work, in the time that is left until the deadline.
func (a *afterwards) run(inv *Invocation) {
	var end, leave, last time.Time // without a deadline they are zero
	if deadline, ok := inv.ctx.Deadline(); ok {
		margin := inv.marginOf(time.Until(deadline))
		end, leave, last = deadline.Add(-workMargins*margin), deadline.Add(-flushMargins*margin), deadline.Add(-abandonment)
	}
	tooLate := false
	late, stop := closedAt(leave)
	defer stop()
	for i := range a.works {
		w := &a.works[i]
		ctx, cancel := until(context.WithoutCancel(w.ctx), end)
		defer cancel()
		if tooLate {
			go w.run(ctx) // with a context that has ended
		} else if !within(late, func() { w.run(ctx) }) {
			w.report(ctx, errLeftBehind)
			tooLate = true
		}
	}
	if len(a.later) == 0 {
		return
	}
	ctx, cancel := until(context.WithoutCancel(&inv.ctx), last)
	defer cancel()
	for _, l := range a.later {
		late, stop := closedAt(last)
		defer stop()
		if !within(late, func() { callLater(ctx, l) }) {
			fmt.Fprintln(os.Stderr, "lambdakit: the AfterResponse hook of a middleware ignores its context; it is left behind")
		}
	}
}

// noticeTime is how long work may take to notice that its context has ended before it begins.
const noticeTime = 10 * time.Millisecond

var errLeftBehind = errors.New("the work ignores its context, whose deadline has passed; it is left behind")

// closedAt returns a channel that is closed at a time, and is open if the time is zero. Several works wait for
// one channel, so the first must not take its only value from the others.
func closedAt(end time.Time) (late <-chan struct{}, stop func()) {
	if end.IsZero() {
		return nil, func() {}
	}
	c := make(chan struct{})
	timer := time.AfterFunc(max(time.Until(end), noticeTime), func() { close(c) })
	return c, func() { timer.Stop() }
}

// within calls f in a goroutine, because f may call runtime.Goexit. It returns false if late is closed
// before f returns.
func within(late <-chan struct{}, f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-late:
	}
	select {
	case <-done: // just in time
		return true
	default:
		return false
	}
}

// until returns a context that ends at a time, or does not end if the time is zero.
func until(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	if end.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, end, errNearDeadline)
}

var errNearDeadline = errors.New("lambdakit: the deadline of the invocation is near")

// run calls the function, and reports its error, its panic, or that it called runtime.Goexit.
func (w *work) run(ctx context.Context) {
	start := time.Now()
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			w.ended(ctx, start, &workPanic{newPanic(v, 0)})
		} else {
			w.ended(ctx, start, ErrGoexit)
		}
	}()
	err := w.f(ctx)
	returned = true
	w.ended(ctx, start, err)
}

// ended tells the test harness of the work, and reports an error.
func (w *work) ended(ctx context.Context, start time.Time, err error) {
	if harness := execenv.FromContext(ctx).Worked; harness != nil {
		harness(w.name, err, time.Since(start))
	}
	if err != nil {
		w.report(ctx, err)
	}
}

// WorkReporter is a [MessageObserver] that also reports work of [AfterResponse] that failed. Without one,
// the report goes to os.Stderr.
type WorkReporter interface {
	// ReportWork is called with the context of the work. If the work panicked, err has a method
	// StackTrace() []uintptr.
	ReportWork(ctx context.Context, name string, err error)
}

func (w *work) report(ctx context.Context, err error) {
	defer recoverHook("ReportWork hook of a middleware")
	observers, _ := FromContext(ctx).allObservers()
	for _, o := range observers {
		if o, ok := o.(WorkReporter); ok {
			o.ReportWork(ctx, w.name, err)
			return
		}
	}
	fmt.Fprintf(os.Stderr, "lambdakit: work after the response failed: %s: %v\n", w.name, err)
}

// workPanic is the error of work that panicked.
type workPanic struct{ *Panic }

func (p *workPanic) Error() string {
	const most = 1024
	text := fmt.Sprint(p.Value)
	return "panic: " + text[:min(len(text), most)]
}

func (p *workPanic) StackTrace() []uintptr { return p.Stack }

func callLater(ctx context.Context, l Later) {
	defer recoverHook("AfterResponse hook of a middleware")
	l.AfterResponse(ctx)
}
