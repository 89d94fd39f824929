package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// Inside two invocations, a context of neither belongs to no invocation.
func TestOutsideAnInvocation_NothingIsAssumed(t *testing.T) {
	t.Parallel()
	inner := lambdakit.WrapFunc(func() { checkOutside(t, t.Context()) }, tracing.New(nil).Middleware)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		_, err := inner.Invoke(ctx, nil)
		return err
	}, tracing.New(&tracing.Options{Service: "orders"}).Middleware), nil)
	if res.Err != nil {
		t.Errorf("got %v, want no error", res.Err)
	}
}

func checkOutside(t *testing.T, ctx context.Context) {
	if got := tracing.LogAttrs(ctx, nil); len(got) != 0 {
		t.Errorf("LogAttrs: got %v, want nothing", got)
	}
	if got := tracing.Header(ctx); got != "" {
		t.Errorf("Header: got %q, want none", got)
	}

	provider, exporter := sdk(t)
	ctx, sp := provider.Tracer("").Start(ctx, "outside")
	tracing.AddMetadata(ctx, "m", 1)
	tracing.AddMetadataIn(ctx, "ns", "m", 2)
	tracing.AddMetadata(ctx, "bad", func() {})
	tracing.Annotate(ctx, "a", 3)
	tracing.Annotate(ctx, "nan", math.NaN())
	sp.End()
	provider.ForceFlush(t.Context())
	got := attributes(exporter.GetSpans()[0])
	if len(got) != 4 || got["m"] != "1" || got["ns.m"] != "2" || got["a"] != "3" || got["aws.xray.annotations"] != `["a"]` {
		t.Errorf("got the attributes %v, want m, ns.m, a and the list of annotations", got)
	}

	// A library may start a span below the sender of a message.
	remote := remoteSpan(t)
	own, sp := tracing.New(nil).Tracer("lib").Start(remote, "receive")
	if own != remote || sp.IsRecording() {
		t.Errorf("got %v, recording: %v, want the context as it was, and nothing recorded", own, sp.IsRecording())
	}
	sp.End()
}

// remoteSpan returns a context with the span of a message's sender.
func remoteSpan(t *testing.T) context.Context {
	t.Helper()
	return trace.ContextWithRemoteSpanContext(t.Context(), tracing.ParseTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
}

// flushed is a provider whose ForceFlush counts its calls and fails.
type flushed struct {
	noop.TracerProvider
	calls *int
}

var errFlush = errors.New("no backend")

func (f flushed) ForceFlush(context.Context) error { *f.calls++; return errFlush }

func TestForceFlush_OfEachDestination(t *testing.T) {
	t.Parallel()
	calls := 0
	for name, c := range map[string]struct {
		o     *tracing.Options
		want  error
		calls int
	}{
		"the daemon":               {nil, nil, 0},
		"disabled":                 {&tracing.Options{TracerProvider: flushed{calls: &calls}, Disabled: new(true)}, nil, 0},
		"a provider":               {&tracing.Options{TracerProvider: flushed{calls: &calls}}, errFlush, 1},
		"provider without a flush": {&tracing.Options{TracerProvider: noop.NewTracerProvider()}, nil, 0},
	} {
		calls = 0
		if err := tracing.New(c.o).ForceFlush(t.Context()); err != c.want || calls != c.calls {
			t.Errorf("%s: got %v after %d calls, want %v after %d", name, err, calls, c.want, c.calls)
		}
	}
}

// A negative FlushTimeout means that nothing is flushed.
func TestFlushTimeout_Negative(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]int{-1: 0, 0: 1} {
		calls := 0
		o := &tracing.Options{TracerProvider: flushed{calls: &calls}, FlushTimeout: timeout, OnError: func(error) {}}
		invoke(t, o, sampled, func(context.Context, json.RawMessage) (any, error) { return nil, nil })
		if calls != want {
			t.Errorf("FlushTimeout %v: got %d calls of ForceFlush, want %d", timeout, calls, want)
		}
	}
}

// A caller of Start ends the span that it gets, so it must not get the span of somebody else.
func TestStart_WhereNothingIsTracedNeverReturnsTheSpanInTheContext(t *testing.T) {
	t.Parallel()
	provider, _ := sdk(t)
	off := true
	disabled := tracing.New(&tracing.Options{Disabled: &off})
	check := func(ctx context.Context) {
		for name, start := range map[string]func(context.Context) (context.Context, trace.Span){
			"Start": func(ctx context.Context) (context.Context, trace.Span) { return tracing.Start(ctx, "step") },
			"Provider": func(ctx context.Context) (context.Context, trace.Span) {
				return disabled.Tracer("lib").Start(ctx, "step")
			},
		} {
			ctx, users := provider.Tracer("users").Start(ctx, "work")
			_, sp := start(ctx)
			sp.SetStatus(codes.Error, "x")
			sp.End()
			if !users.IsRecording() || sp.SpanContext().TraceID() != users.SpanContext().TraceID() {
				t.Errorf("%s: got the user's span recording: %v, and a span of the trace %v; want it going on, and its trace", name, users.IsRecording(), sp.SpanContext().TraceID())
			}
			users.End()
		}
		ctx, users := provider.Tracer("users").Start(ctx, "work")
		tracing.Run(ctx, "step", func(context.Context) error { return errors.New("x") })
		if !users.IsRecording() {
			t.Error("Run: got the user's span ended, want it going on")
		}
	}
	check(t.Context())
	lambdatest.Run(t, lambdakit.WrapFunc(check, disabled.Middleware), nil)
}
