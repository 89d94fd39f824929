package tracing

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Run calls f inside a span below the one that ctx carries. An error of f, and a panic, is
// recorded, and goes on as it is. Where ctx carries no span, as outside an invocation,
// where tracing is off, or the trace is not sampled, f is just called.
func Run(ctx context.Context, name string, f func(ctx context.Context) error) (err error) {
	ctx, sp := begin(ctx, name)
	if sp == nil {
		return f(ctx)
	}
	returned := false
	defer func() { end(sp, err, returned) }()
	err = f(ctx)
	returned = true
	return err
}

// Call is Run for a function that returns a value.
func Call[T any](ctx context.Context, name string, f func(ctx context.Context) (T, error)) (value T, err error) {
	ctx, sp := begin(ctx, name)
	if sp == nil {
		return f(ctx)
	}
	returned := false
	defer func() { end(sp, err, returned) }()
	value, err = f(ctx)
	returned = true
	return value, err
}

// Start starts a span below the one that ctx carries, and returns a context that carries
// the new one, whose End method must be called. Where ctx carries no span, the new one
// records nothing.
func Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	sp := trace.SpanFromContext(ctx)
	if !traced(sp) {
		return ctx, sp
	}
	return providerOf(ctx, sp).Tracer(instrumentation).Start(ctx, name, opts...)
}

// providerOf returns the one to make spans below sp with: that of sp or, where sp came from
// elsewhere and belongs to none, that of the invocation.
func providerOf(ctx context.Context, sp trace.Span) trace.TracerProvider {
	if s := scopeOf(ctx); s != nil && !sp.IsRecording() {
		return s.tracer.inUse()
	}
	return sp.TracerProvider()
}

// traced reports whether spans below sp may be recorded, or may lead somewhere.
func traced(sp trace.Span) bool {
	switch sp := sp.(type) {
	case *unrecorded:
		return false
	case *span:
		return true
	default:
		return sp.SpanContext().IsValid()
	}
}

// begin returns a nil span where there is nothing to record.
func begin(ctx context.Context, name string) (context.Context, trace.Span) {
	sp := trace.SpanFromContext(ctx)
	if !traced(sp) {
		return ctx, nil
	}
	if own, ok := sp.(*span); ok {
		return own.scope.start(ctx, own.SpanContext(), name, new(trace.SpanConfig))
	}
	return providerOf(ctx, sp).Tracer(instrumentation).Start(ctx, name)
}

// end is deferred: its caller is Run or Call or, where those did not return, the runtime
// that unwinds them. The value of a panic is left to the one who recovers it, to keep its
// frames; the handler span has it.
func end(sp trace.Span, err error, returned bool) {
	switch {
	case !returned:
		addExceptions(sp, []xray.Exception{{Type: "panic", Message: "the function panicked or called runtime.Goexit", Stack: xray.Stack(1)}})
		sp.SetStatus(codes.Error, "panic")
	case err != nil:
		recordError(sp, err, xray.Stack(2)) // that of the one who called Run
	}
	sp.End()
}
