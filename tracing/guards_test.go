package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
)

// panicking is a provider whose ForceFlush panics.
type panicking struct{ noop.TracerProvider }

func (panicking) ForceFlush(context.Context) error { panic("boom") }

func TestProvider_WhoseForceFlushPanics(t *testing.T) {
	t.Parallel()
	var reports []string
	o := &tracing.Options{TracerProvider: panicking{}, OnError: func(err error) { reports = append(reports, err.Error()) }}
	res := invoke(t, o, sampled, func(context.Context, json.RawMessage) (any, error) { return "ok", nil })
	if res.Err != nil || len(reports) != 1 || !strings.Contains(reports[0], "ForceFlush panicked: boom") {
		t.Errorf("got %v and reports %q, want the response and one of the panic", res.Err, reports)
	}
}

// linking is a tracer that counts the links of new spans.
type linking struct {
	noop.Tracer
	links *int
}

func (l linking) Start(ctx context.Context, _ string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	cfg := trace.NewSpanStartConfig(opts...)
	*l.links = len(cfg.Links())
	return ctx, noop.Span{}
}

func TestMessageLinks_AreBounded(t *testing.T) {
	t.Parallel()
	message := fmt.Sprintf(`{"messageId":"m","attributes":{"AWSTraceHeader":%q}}`, sampled)
	for _, n := range []int{1, record.MaxLinks, 300} {
		links := 0
		tracer := tracing.New(&tracing.Options{TracerProvider: badProvider{tracer: linking{links: &links}}})
		h := lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return nil, nil }, tracer.Middleware)
		h.Invoke(t.Context(), []byte(`{"Records":[`+strings.TrimSuffix(strings.Repeat(message+",", n), ",")+`]}`))
		if want := min(n, record.MaxLinks); links != want {
			t.Errorf("%d messages: got %d links, want %d", n, links, want)
		}
	}
}

func TestCaptureResponse_ThatIsNotJSON(t *testing.T) {
	t.Parallel()
	on := true
	tracer := tracing.New(&tracing.Options{CaptureResponse: &on, Name: "h"})
	h := lambdatest.New(t, lambdakit.WrapHandler(reusing{[]byte("plain \"text\"")}, tracer.Middleware), &lambdatest.Options{TraceHeader: sampled})
	res := h.Invoke(`{}`)
	validate(t, res)
	if got := res.Segments[0].Metadata["default"]["h response"]; got != `plain "text"` {
		t.Errorf("got %v, want the text", got)
	}
}

func TestMaxResponseBytes_NegativeIsTheDefault(t *testing.T) {
	t.Parallel()
	on := true
	var reports []string
	o := &tracing.Options{CaptureResponse: &on, MaxResponseBytes: -1, Name: "h", OnError: func(err error) { reports = append(reports, err.Error()) }}
	for bytes, want := range map[int]string{8190: strings.Repeat("x", 8190), 8191: "[8193 bytes left out]"} {
		reports = nil
		res := invoke(t, o, sampled, func(context.Context, json.RawMessage) (any, error) { return strings.Repeat("x", bytes), nil })
		if got := res.Segments[0].Metadata["default"]["h response"]; got != want {
			t.Errorf("%d bytes: got %.40v, want %.40s", bytes, got, want)
		}
		if len(reports) != 1 || !strings.Contains(reports[0], "MaxResponseBytes -1 is negative; using 8192") {
			t.Errorf("got reports %q, want one about MaxResponseBytes", reports)
		}
	}
}

// An open span is sent as in progress once: near the deadline or at the end.
func TestOpenSpan_IsShownOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			tracing.Start(ctx, "open")
			deadline, _ := ctx.Deadline()
			time.Sleep(time.Until(deadline) - time.Millisecond)
			tracing.Start(ctx, "late")
			return nil, nil
		}, tracing.New(nil).Middleware), &lambdatest.Options{TraceHeader: sampled})
		shown := make(map[string]int)
		for _, s := range h.Invoke(`{}`).Segments {
			if s.Document["in_progress"] == true {
				shown[s.Name]++
			}
		}
		if shown["open"] != 1 || shown["late"] != 1 || shown["## function"] != 1 {
			t.Errorf("got %v, want each once", shown)
		}
	})
}

// A message of a sampled trace does not start a span if the invocation is not sampled.
func TestUnsampledInvocation_RecordsNoSpanOfAnotherTrace(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, unsampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		ctx = otelglobal.Propagator{}.Extract(ctx, carrier{"X-Amzn-Trace-Id": "Root=1-11111111-111111111111111111111111;Parent=1111111111111111;Sampled=1"})
		ctx, sp := tracing.Start(ctx, "message")
		defer sp.End()
		if sp.IsRecording() || sp.SpanContext().IsSampled() {
			t.Errorf("got recording %v, sampled %v, want neither", sp.IsRecording(), sp.SpanContext().IsSampled())
		}
		return nil, tracing.Run(ctx, "below", func(context.Context) error { return nil })
	})
	if len(res.Segments) != 0 {
		t.Errorf("got %d documents, want none", len(res.Segments))
	}
}

func TestProvider_ExceptionWithoutStackHasNoStackAttribute(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	invoke(t, &tracing.Options{TracerProvider: provider}, sampled, func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("x") })
	for _, a := range exporter.GetSpans()[0].Events[0].Attributes {
		if a.Key == "exception.stacktrace" {
			t.Errorf("got the stack %q, want none", a.Value.AsString())
		}
	}
}

func TestProvider_HeaderWithoutADecisionIsNoParent(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	invoke(t, &tracing.Options{TracerProvider: provider}, "Root="+traceID+";Parent="+parent, func(context.Context, json.RawMessage) (any, error) { return nil, nil })
	if spans := exporter.GetSpans(); len(spans) != 1 || spans[0].Parent.IsValid() {
		t.Errorf("got %d spans, want one without a parent", len(spans))
	}
}
