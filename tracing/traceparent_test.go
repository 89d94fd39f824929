package tracing_test

import (
	"context"
	"encoding/json"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

func TestTraceParent_IsReadByItsReceiver(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	ctx, sp := provider.Tracer("lib").Start(t.Context(), "send")
	text := tracing.TraceParent(ctx)
	sender := tracing.ParseTraceParent(text)
	if sender.TraceID() != sp.SpanContext().TraceID() || sender.SpanID() != sp.SpanContext().SpanID() || !sender.IsSampled() || !sender.IsRemote() {
		t.Errorf("%s: got %+v, want %+v", text, sender, sp.SpanContext())
	}
	invokeForeign(t, provider, func(ctx context.Context) error {
		return tracing.Run(ctx, "receive", func(context.Context) error { return nil },
			trace.WithLinks(trace.Link{SpanContext: sender}), trace.WithSpanKind(trace.SpanKindConsumer))
	})
	if err := provider.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := exporter.GetSpans()[0]
	if len(got.Links) != 1 || got.Links[0].SpanContext.SpanID() != sender.SpanID() || got.SpanKind != trace.SpanKindConsumer {
		t.Errorf("got links %+v and kind %v, want a link to the sender and a consumer", got.Links, got.SpanKind)
	}
}

// invokeForeign makes an invocation whose spans a provider of the user creates.
func invokeForeign(t *testing.T, provider trace.TracerProvider, f func(context.Context) error) {
	t.Helper()
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	res := lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) { return nil, f(ctx) }, tracer.Middleware), nil)
	if res.Err != nil {
		t.Fatal(res.Err)
	}
}

// Outside an invocation, children of the user's spans are the user's, too. It is not parallel, since the
// newest provider counts.
func TestRun_BelowASpanOfTheUserOutsideAnInvocation(t *testing.T) {
	provider, exporter := sdk(t)
	tracing.New(&tracing.Options{TracerProvider: provider})
	ctx, parent := provider.Tracer("lib").Start(t.Context(), "at the start")
	tracing.Run(ctx, "load", func(context.Context) error { return nil })
	parent.End()
	provider.ForceFlush(t.Context())
	if got := exporter.GetSpans(); len(got) != 2 || got[0].Name != "load" || got[0].Parent.SpanID() != parent.SpanContext().SpanID() {
		t.Errorf("got %d spans, want load below the span of the user", len(got))
	}
}

func TestTraceParent_WithoutASpanIsEmpty(t *testing.T) {
	t.Parallel()
	if got := tracing.TraceParent(t.Context()); got != "" {
		t.Errorf("got %q, want an empty text", got)
	}
	for _, text := range []string{"", "00-0-0-01", "junk"} {
		if got := tracing.ParseTraceParent(text); got.IsValid() {
			t.Errorf("%q: got %+v, want none", text, got)
		}
	}
}

func TestCall_TakesOptionsOfSpans(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		return tracing.Call(ctx, "charge card", func(context.Context) (int, error) { return 1, nil },
			trace.WithAttributes(attribute.String("order", "o-1")))
	})
	if got := res.Segment("charge card"); got.Document["metadata"] == nil && got.Document["annotations"] == nil {
		t.Errorf("got %v, want the attribute", got.Document)
	}
}
