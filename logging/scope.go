package logging

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/internal/errtype"
)

// scope holds the state of a Handler in one invocation. It lives as long as the invocation's
// context: goroutines that outlive the invocation may still log.
type scope struct {
	common         *common
	next           *scope // of another Handler in the same invocation
	inv            *lambdakit.Invocation
	capture        io.Writer // of a test harness
	sampled        bool
	began          time.Time      // if requests are logged
	with           *contextFields // of the context that the invocation started with
	entered        atomic.Bool    // by the Middleware
	writesFailures atomic.Bool    // writes the lines about failures and deadlines

	rendered atomic.Pointer[rendered]
	appended atomic.Pointer[members]
	givenID  atomic.Pointer[string] // to SetCorrelationID
	own      held                   // of lines that belong to no record

	mu            sync.Mutex // guards the fields below, and changes of appended
	correlationID string
	records       map[*record]struct{} // whose handlers run and that hold lines
	first         rendered
	firstText     [120]byte // enough for the ids of most invocations
}

var scopeKey = new(ctxKey)

type ctxKey struct{ _ byte }

// invocationOf returns the invocation that ctx belongs to, or else the running one while there
// is exactly one.
func invocationOf(ctx context.Context) *lambdakit.Invocation {
	if inv := lambdakit.FromContext(ctx); inv != nil {
		return inv
	}
	return lambdakit.Current()
}

// scope returns the scope of c for ctx, nil outside an invocation, and the fields that With
// gave ctx. If ctx carries an invocation that c has not joined, c joins it. Lines without an
// invocation in their context do not make c join the running one: it may have nothing to do with them.
func (c *common) scope(ctx context.Context) (*scope, *contextFields) {
	first, with := lookup(ctx)
	for sc := first; sc != nil; sc = sc.next {
		if sc.common == c {
			return sc, with
		}
	}
	inv := lambdakit.FromContext(ctx)
	if inv == nil {
		return nil, with
	}
	sc := c.join(inv)
	if with == nil {
		with = sc.with
	}
	return sc, with
}

// Middleware writes one line at ERROR if the function fails or panics, and one if the deadline
// is near. If several Handlers have their Middleware in one invocation, the first one writes
// these lines. At the end, Middleware drops the lines that a [Buffer] holds back, or writes them
// if the invocation failed.
//
// Lines logged with the context of an invocation carry its fields also without Middleware. Lines
// without a context carry them only if the Handler has its Middleware in the invocation, or has
// logged with its context before.
func (h *Handler) Middleware(next lambdakit.Handler) lambdakit.Handler {
	c := h.common
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		sc := c.join(inv)
		if !sc.enter() {
			return next(ctx, inv) // called again, by a middleware that retries
		}
		if c.logRequest {
			sc.began = time.Now()
		}
		if c.logEvent {
			sc.writeOwnRaw("Lambda invocation event", "event", inv.Payload())
		}
		return next(ctx, inv)
	}
}

// correlate calls the user's function. Its panic must not fail the invocation.
func (c *common) correlate(event []byte) string {
	defer func() {
		if v := recover(); v != nil {
			c.configError("CorrelationID panicked: %v", v)
		}
	}()
	return strings.Clone(c.correlationID(event))
}

// EndInvocation implements lambdakit.Ender.
func (sc *scope) EndInvocation(ctx context.Context, inv *lambdakit.Invocation) {
	p, err := inv.Panic(), inv.Err()
	if p != nil || err != nil {
		// Other goroutines may log meanwhile: their lines belong to the failure.
		sc.own.phase.Store(phaseReleasing)
		sc.failed(p, err)
		sc.own.phase.Store(phaseOver)
		sc.flushForFailure(sc.with)
	} else {
		sc.own.phase.Store(phaseOver)
		if sc.common.bufferLevel != nil {
			sc.own.buffer.take()
		}
	}
	sc.logRequest(inv)
	if !sc.common.logResponse || !sc.entered.Load() || !inv.Answered() {
		return
	}
	const message = "Lambda invocation response"
	if inv.Stream() != nil {
		sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelInfo, message, slog.String("response", "[stream]"))
		return
	}
	response := inv.Response()
	if response == nil {
		response = []byte("null")
	}
	sc.writeOwnRaw(message, "response", response)
}

// logRequest writes the line about an HTTP request.
func (sc *scope) logRequest(inv *lambdakit.Invocation) {
	if !sc.common.logRequest || !sc.entered.Load() {
		return
	}
	x, ok := inv.HTTP()
	if !ok {
		return
	}
	sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelInfo, "HTTP request", slog.String("http_method", x.Method), slog.String("http_route", x.Route),
		slog.Int("http_status", x.Status), slog.Float64("duration_ms", float64(time.Since(sc.began).Microseconds())/1000))
}

// failed writes the line about a failed invocation, also if Lambda gets a response.
func (sc *scope) failed(p *lambdakit.Panic, err error) {
	if !sc.writesFailures.Load() {
		return
	}
	if p != nil {
		sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelError, "invocation panicked", slog.Any("error", sc.common.panicFailure(p)))
		sc.eachAwaiting(func(e *awaitedErrors) { e.expectPanic(p.Value) })
	}
	if err == nil {
		return
	}
	sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelError, "invocation failed", slog.Any("error", err))
	if p == nil && !sc.inv.Answered() { // aws-lambda-go is about to print it
		sc.eachAwaiting(func(e *awaitedErrors) { e.expect(err) })
	}
}

// eachAwaiting calls expect for each Handler that aws-lambda-go may print an error through.
func (sc *scope) eachAwaiting(expect func(*awaitedErrors)) {
	expect(&sc.common.awaitedErrors)
	standard, ok := slog.Default().Handler().(*Handler)
	if ok && standard.common != sc.common {
		expect(&standard.common.awaitedErrors)
	}
	first, _ := firstScope(sc.inv)
	for s := first; s != nil; s = s.next {
		if s.common != sc.common && (!ok || s.common != standard.common) {
			expect(&s.common.awaitedErrors)
		}
	}
}

// flushForFailure writes the lines held back because of a failure. If the level is above ERROR,
// it drops them, as the line about the failure is dropped.
func (sc *scope) flushForFailure(with *contextFields) {
	if sc.common.enabled(sc.inv.Context(), slog.LevelError) {
		sc.flush(with)
	} else {
		sc.held(with).buffer.take()
	}
}

// writeOwn writes a line of the toolkit with the fields of a context, and what Options.FromContext finds in
// ctx. Lines at INFO, with an event or
// a response, may be held back like others. Lines about failures may not.
func (sc *scope) writeOwn(ctx context.Context, with *contextFields, level slog.Level, message string, attrs ...slog.Attr) {
	c, h := sc.common, sc.common.root
	r := slog.NewRecord(time.Now(), level, message, 0)
	r.AddAttrs(attrs...)
	if c.enabled(ctx, level) {
		if level >= slog.LevelError {
			sc.flush(with)
		}
		e := c.encode(ctx, sc, with, h, &r)
		if level == slog.LevelInfo {
			sc.emit(with, level, e.buf)
		} else {
			c.write(sc, e.buf)
		}
		e.free()
	}
	h.teeHandle(ctx, r)
}

// writeOwnRaw writes a line at INFO with text, which is usually JSON.
func (sc *scope) writeOwnRaw(message, key string, text []byte) {
	if !sc.common.root.Enabled(sc.inv.Context(), slog.LevelInfo) {
		return
	}
	e := newEncoder(sc.common)
	// A quarter of the line is for the other fields.
	a := attrRaw(e, key, text, sc.common.maxLineBytes*3/4)
	e.free()
	sc.writeOwn(sc.inv.Context(), sc.with, slog.LevelInfo, message, a)
}

func (c *common) panicFailure(p *lambdakit.Panic) failure {
	return c.failure(panicText(p.Value), errtype.Name(p.Value), errstack.Text(p.Stack))
}
