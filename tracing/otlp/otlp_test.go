package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

func TestExporter_SendsTheSpansOfAnInvocation(t *testing.T) {
	t.Parallel()
	b, r := otlptest.Listen(t), new(reports)
	p := provider(b, nil, r)
	invoke(t.Context(), p, header+"0", `{}`, func(ctx context.Context) {
		tracing.Annotate(ctx, "order.id", "o-1")
		tracing.AddMetadata(ctx, "cart", []int{1, 2})
		tracing.Run(ctx, "charge card", func(ctx context.Context) error {
			_, sp := p.Tracer("lib", trace.WithInstrumentationVersion("v1")).Start(ctx, "query", trace.WithAttributes(attribute.Float64("f", 1.5)))
			sp.End()
			return errors.New("declined")
		})
	})
	handler, charge, query := b.Span("orders"), b.Span("charge card"), b.Span("query")
	if handler.TraceID != traceID || handler.Parent != "" || handler.Kind != int(trace.SpanKindServer) || charge.Parent != handler.ID || query.Parent != charge.ID {
		t.Errorf("got %+v, %+v and %+v, want a root in the trace of Lambda's header, and spans below it", handler, charge, query)
	}
	if charge.Status != 2 || charge.Message != "declined" || charge.Events[0] != "exception" {
		t.Errorf("got %+v, want an error with an exception", charge)
	}
	if !strings.HasPrefix(handler.Scope, "github.com/lambdakit/lambdakit/tracing ") || query.Scope != "lib v1" || query.Attributes["f"] != "1.5" {
		t.Errorf("got the scopes %q and %q, want package tracing and lib v1", handler.Scope, query.Scope)
	}
	for key, want := range map[string]string{
		"faas.invocation_id": "r-1", "faas.coldstart": handler.Attributes["faas.coldstart"], "cloud.account.id": "123456789012",
		"aws.lambda.invoked_arn": arn, "cloud.resource_id": arn, "order.id": "o-1", "cart": "[1,2]", "ColdStart": "", "aws.xray.annotations": "",
	} {
		if got := handler.Attributes[key]; got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	if got := b.Requests(); len(got) != 1 || got[0].Path != "/v1/traces" || got[0].Header.Get("Content-Type") != "application/x-protobuf" || r.len() > 0 {
		t.Errorf("got the requests %+v and the reports %s, want one request", got, r)
	}
}

// OTLP has no rules for keys and values, unlike X-Ray.
func TestAnnotate_AnyKeyAndNumber(t *testing.T) {
	t.Parallel()
	b, r := otlptest.Listen(t), new(reports)
	invoke(t.Context(), provider(b, nil, r), header+"0", `{}`, func(ctx context.Context) {
		tracing.Annotate(ctx, "nan", math.NaN())
		tracing.Annotate(ctx, "inf", math.Inf(-1))
		tracing.Annotate(ctx, "a b.c", true)
		tracing.Annotate(ctx, "", "no key")
	})
	a := b.Span("orders").Attributes
	if a["nan"] != "NaN" || a["inf"] != "-Inf" || a["a b.c"] != "true" || r.len() != 1 || !strings.Contains(r.String(), "an annotation without a key") {
		t.Errorf("got %v and the reports %s, want three attributes and a report about the one without a key", a, r)
	}
}

// No Provider of this process has a TracerProvider that would record such spans.
func TestRun_OutsideAnInvocationOnlyCallsTheFunction(t *testing.T) {
	t.Parallel()
	ctx := trace.ContextWithRemoteSpanContext(t.Context(), tracing.ParseTraceParent("00-"+callerTrace+"-"+caller+"-01"))
	calls := 0
	err := tracing.Run(ctx, "x", func(got context.Context) error {
		if calls++; got != ctx {
			t.Errorf("got %v, want the context of the caller", got)
		}
		return nil
	})
	if got, sp := tracing.Start(ctx, "x"); got != ctx || sp.IsRecording() || err != nil || calls != 1 {
		t.Errorf("got recording %v, %v and %d calls, want nothing recorded and one call", sp.IsRecording(), err, calls)
	}
}

func TestExporter_InATestNothingIsSent(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		tracing.Run(ctx, "charge card", func(context.Context) error { return nil })
	}, provider(b, nil, new(reports)).Middleware), nil)
	if len(b.Requests()) != 0 {
		t.Errorf("got %d requests, want none", len(b.Requests()))
	}
	if handler, charge := res.Span("function"), res.Span("charge card"); charge.ParentID != handler.ID {
		t.Errorf("got the parent %s, want the handler span %s", charge.ParentID, handler.ID)
	}
}

func TestExporter_DisabledByTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "none"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			b := otlptest.Listen(t)
			invoke(t.Context(), provider(b, nil, new(reports)), header+"1", `{}`, func(ctx context.Context) {
				if trace.SpanFromContext(ctx).SpanContext().IsValid() {
					t.Error("got a span, want none")
				}
			})
			if len(b.Requests()) != 0 {
				t.Errorf("got %d requests, want none", len(b.Requests()))
			}
		})
	}
}

func TestExporter_GzipOnlyForLargeRequests(t *testing.T) {
	t.Parallel()
	b, on := otlptest.Listen(t), true
	p := provider(b, &otlp.Options{Gzip: &on}, new(reports))
	invoke(t.Context(), p, header+"1", `{}`, nil)
	invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
		for range 20 {
			tracing.Run(ctx, "step", func(context.Context) error { return nil })
		}
	})
	small, large := b.Requests()[0], b.Requests()[1]
	if encoding, ok := small.Header["Content-Encoding"]; ok || small.Size != len(small.Body) {
		t.Errorf("got the encoding %q of %d bytes, want none", encoding, small.Size)
	}
	if large.Header.Get("Content-Encoding") != "gzip" || large.Size > len(large.Body)/2 || len(b.Spans()) != 22 {
		t.Errorf("got %d bytes of %d, and %d spans, want less than half, and 22", large.Size, len(large.Body), len(b.Spans()))
	}
}

func TestExporter_SignSeesTheBody(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := provider(b, &otlp.Options{Headers: map[string]string{"x-team": "a"}, Sign: func(req *http.Request, body []byte) error {
		if len(body) == 0 || req.Header.Get("X-Team") != "a" {
			t.Errorf("got %d bytes and the headers %v, want the body and all headers", len(body), req.Header)
		}
		req.Header.Set("Authorization", "signature")
		return nil
	}}, new(reports))
	invoke(t.Context(), p, header+"1", `{}`, nil)
	if got := b.Requests()[0].Header; got.Get("Authorization") != "signature" || got.Get("X-Team") != "a" || len(got.Values("X-Idempotency-Key")) != 0 {
		t.Errorf("got %v, want the signature and the team", got)
	}
}

func TestExporter_NearTheDeadlineOpenSpansAreSent(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		invoke(ctx, p, header+"1", `{}`, func(ctx context.Context) {
			tracing.Run(ctx, "ended", func(context.Context) error { return nil })
			tracing.Run(ctx, "hangs", func(ctx context.Context) error {
				time.Sleep(9_500 * time.Millisecond)
				return nil
			})
			tracing.Run(ctx, "later", func(context.Context) error { return nil })
		})
		if got := b.Span("ended"); got.Status != 0 {
			t.Errorf("got %+v, want a span without an error", got)
		}
		for _, name := range []string{"hangs", "orders"} {
			if got := b.Span(name); got.Status != 2 || got.Attributes["lambdakit.unfinished"] != "deadline" {
				t.Errorf("got %+v, want an error and the reason", got)
			}
		}
		if b.Span("later").Parent != b.Span("orders").ID {
			t.Errorf("got the parent %s of a later span, want the handler span", b.Span("later").Parent)
		}
		wantSpans(t, b, 2, 4) // each span once
	})
}

// It is not parallel, since Shutdown is for all invocations.
func TestExporter_ShutdownSendsSpansThatWait(t *testing.T) {
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	b.Answer(answer(429, "Retry-After", "60"))
	invoke(t.Context(), p, header+"1", `{}`, nil)
	b.Answer(nil)
	invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
		lambdakit.Shutdown() // SIGTERM while the function runs
		if len(b.Spans()) != 2 || b.Spans()[1].Attributes["lambdakit.unfinished"] != "shutdown" {
			t.Errorf("got %+v, want both handler spans", b.Spans())
		}
	})
}

// It is not parallel, since Shutdown is for all invocations.
func TestExporter_ShutdownSendsSpansThatWaitWhileNothingRuns(t *testing.T) {
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	b.Answer(answer(429, "Retry-After", "60"))
	invoke(t.Context(), p, header+"1", `{}`, nil)
	b.Answer(nil)
	if lambdakit.Shutdown(); len(b.Spans()) != 1 || b.Spans()[0].Name != "orders" {
		t.Errorf("got %+v, want the span that waited", b.Spans())
	}
	if lambdakit.Shutdown(); len(b.Requests()) != 2 {
		t.Errorf("got %d requests, want no third one without spans", len(b.Requests()))
	}
}

func TestExporter_PanicAndFailure(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	func() {
		defer func() { recover() }()
		invoke(t.Context(), p, header+"1", `{}`, func(context.Context) { panic("boom") })
	}()
	if got := b.Span("orders"); got.Status != 2 || got.Message != "panic: boom" {
		t.Errorf("got %+v, want the panic", got)
	}
}

func TestExporter_SpanAfterTheEndGoesWithTheNextFlush(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	var late trace.Span
	invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) { _, late = tracing.Start(ctx, "late") })
	late.End()
	if len(b.Spans()) != 1 {
		t.Fatalf("got %d spans, want the handler span", len(b.Spans()))
	}
	if err := p.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.Span("late"); got.Parent != b.Spans()[0].ID {
		t.Errorf("got the parent %s, want the handler span", got.Parent)
	}
}

func TestFlush_NothingIsSentWithoutSpans(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, _ *reports) {
		took(t, p)
		for range 3 {
			if err := p.ForceFlush(t.Context()); err != nil {
				t.Error(err)
			}
		}
		wantSpans(t, b, 1, 1)
	})
}

func TestFlush_LargeSpansAndManyRequests(t *testing.T) {
	bubble(t, nil, func(t *testing.T, b *otlptest.Backend, p *tracing.Provider, r *reports) {
		text := strings.Repeat("x", 60_000)
		invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) {
			for _, lib := range []string{"a", "b"} {
				for range 15 {
					_, sp := p.Tracer(lib).Start(ctx, "step", trace.WithAttributes(attribute.String("text", text)))
					sp.End()
				}
			}
			_, sp := p.Tracer("a").Start(ctx, "large")
			for i := range 20 { // 1.2 MB
				sp.SetAttributes(attribute.String(fmt.Sprint(i), text))
			}
			sp.End()
		})
		got := map[string]int{}
		for _, s := range b.Spans() {
			got[s.Scope+" "+s.Name]++
		}
		if got["a step"] != 15 || got["b step"] != 15 || got["a large"] != 1 || len(b.Spans()) != 32 || r.len() > 0 {
			t.Errorf("got %v and the reports %s, want each span once, with its library", got, r)
		}
		if n := len(b.Requests()); n < 3 || n > 6 {
			t.Errorf("got %d requests, want several of about 1 MB", n)
		}
	})
}
