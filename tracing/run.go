package tracing

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Run calls f inside a new span with this name, a child of the span in ctx. The span records an
// error or a panic of f. Run returns the same error, and does not stop a panic. If ctx has no
// recorded span, Run only calls f: outside an invocation, with tracing switched off, or in a
// trace that is not sampled. Options set links, attributes or the kind of the span.
func Run(ctx context.Context, name string, f func(ctx context.Context) error, opts ...trace.SpanStartOption) (err error) {
	ctx, sp := begin(ctx, name, opts)
	if sp == nil {
		return f(ctx)
	}
	returned := false
	defer func() { end(sp, err, returned) }()
	err = f(ctx)
	returned = true
	return err
}

// Call is [Run] for a function that returns a value and an error.
func Call[T any](ctx context.Context, name string, f func(ctx context.Context) (T, error), opts ...trace.SpanStartOption) (value T, err error) {
	ctx, sp := begin(ctx, name, opts)
	if sp == nil {
		return f(ctx)
	}
	returned := false
	defer func() { end(sp, err, returned) }()
	value, err = f(ctx)
	returned = true
	return value, err
}

// Start starts a span, a child of the span in ctx, and returns it with a context that contains it.
// The caller must call its End method. If ctx has no recorded span, Start returns ctx and a span
// that records nothing. Prefer [Run] and [Call], which end the span and record errors.
func Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	ctx, sp := begin(ctx, name, opts)
	if sp == nil {
		sp = record.Unowned(trace.SpanFromContext(ctx))
	}
	return ctx, sp
}

// providerOf returns the provider for children of a span in ctx: that of the invocation, or outside an
// invocation the provider of the user. It is nil if there is none. It does not ask the span. The interface method would make each
// program link the provider for automatic instrumentation that OpenTelemetry's API contains (90 KB).
func providerOf(ctx context.Context) trace.TracerProvider {
	if s := scopeOf(ctx); s != nil {
		return s.provider.inUse()
	}
	if p := usersProvider.Load(); p != nil {
		return *p
	}
	return nil
}

// usersProvider is the newest Options.TracerProvider.
var usersProvider atomic.Pointer[trace.TracerProvider]

// traced reports whether children of sp may be recorded or may pass the trace on.
func traced(sp trace.Span) bool {
	_, ok := sp.(*unrecorded)
	return !ok && sp.SpanContext().IsValid()
}

// begin starts a span. It returns a nil span if nothing is recorded.
func begin(ctx context.Context, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	sp := trace.SpanFromContext(ctx)
	if own, ok := sp.(*span); ok {
		return own.scope.startBelow(ctx, own.SpanContext(), nil, name, opts)
	}
	if !traced(sp) {
		return ctx, nil
	}
	p := providerOf(ctx)
	if p == nil {
		return ctx, nil
	}
	return p.Tracer(instrumentation).Start(ctx, name, opts...)
}

// end records the outcome of f and ends the span. It runs in a defer statement of Run or Call,
// also if f panicked. It does not recover the panic, since this would lose the frames. The
// handler span records the value of the panic.
func end(sp trace.Span, err error, returned bool) {
	switch {
	case !returned:
		addExceptions(sp, []xray.Exception{{Type: "panic", Message: "the function panicked or called runtime.Goexit", Stack: xray.Stack(1)}})
		sp.SetStatus(codes.Error, "panic")
	case err != nil:
		recordError(sp, err, xray.Stack(2)) // the stack of the caller of Run or Call
	}
	sp.End()
}
