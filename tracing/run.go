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
	if own, ok := sp.(*span); ok && !own.recording || !ok && !sp.SpanContext().IsValid() {
		return ctx, sp
	}
	return sp.TracerProvider().Tracer(instrumentation).Start(ctx, name, opts...)
}

// begin returns a nil span where there is nothing to record.
func begin(ctx context.Context, name string) (context.Context, trace.Span) {
	sp := trace.SpanFromContext(ctx)
	if own, ok := sp.(*span); ok {
		if !own.recording {
			return ctx, nil
		}
		return own.scope.start(ctx, own.sc, name, new(trace.SpanConfig))
	}
	if !sp.SpanContext().IsValid() {
		return ctx, nil
	}
	return sp.TracerProvider().Tracer(instrumentation).Start(ctx, name)
}

// end is deferred: its caller is Run or Call or, where those did not return, the runtime
// that unwinds them. The value of a panic is left to the one who recovers it, to keep its
// frames; the handler span has it.
func end(sp trace.Span, err error, returned bool) {
	switch {
	case !returned:
		addException(sp, xray.Event{Attributes: exception("panic",
			"the function panicked or called runtime.Goexit; the span of the handler says more", xray.Stack(1))})
		sp.SetStatus(codes.Error, "panic")
	case err != nil:
		stack := xray.StackOf(err)
		if stack == "" {
			stack = xray.Stack(2) // that of the one who called Run
		}
		addException(sp, xray.Event{Attributes: exception(xray.TypeName(err), errorText(err), stack), Err: err})
		sp.SetStatus(codes.Error, errorText(err))
	}
	sp.End()
}
