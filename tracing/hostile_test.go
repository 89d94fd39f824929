package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
)

// nilError panics in all of its methods except Error if it is nil.
type nilError struct{ cause error }

func (e *nilError) Error() string      { return "nil error" }
func (e *nilError) Unwrap() error      { return e.cause }
func (e *nilError) Callers() []uintptr { return []uintptr{uintptr(len(e.cause.Error()))} }

func TestErrorsWhoseMethodsPanic(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		tracing.Run(ctx, "work", func(context.Context) error { return (*nilError)(nil) })
		return nil, (*nilError)(nil)
	})
	for _, name := range []string{"work", "## function"} {
		if x := exceptions(find(t, res, name)); len(x) != 1 || x[0]["message"] != "nil error" {
			t.Errorf("%s: got exceptions %v, want one: nil error", name, x)
		}
	}
}

// usesSpan is an error that uses the span while the span records it.
type usesSpan struct{ use func() }

func (e usesSpan) Error() string { e.use(); return "used" }
func (e usesSpan) Unwrap() error { e.use(); return nil }

func TestErrorsThatUseTheirSpan(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		return nil, tracing.Run(ctx, "work", func(ctx context.Context) error {
			sp := trace.SpanFromContext(ctx)
			err := usesSpan{func() { sp.AddEvent("formatted"); sp.IsRecording() }}
			sp.RecordError(err)
			return fmt.Errorf("wrapped: %w", err)
		})
	})
	if s := find(t, res, "work"); len(exceptions(s)) != 3 {
		t.Errorf("got %v, want 3 exceptions", s.Document)
	}
}

func TestOnErrorThatUsesTheSpan(t *testing.T) {
	t.Parallel()
	var sp trace.Span
	told := 0
	o := &tracing.Options{OnError: func(error) { told++; sp.AddEvent("reported"); sp.End() }}
	invoke(t, o, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		_, sp = tracing.Start(ctx, "large")
		for i := range 100 {
			sp.SetAttributes(attribute.String(fmt.Sprint(i), strings.Repeat("x", 5000)))
		}
		sp.End()
		return nil, nil
	})
	if told != 1 {
		t.Errorf("got %d reports, want 1", told)
	}
}

// changing is an error that changes between calls.
type changing struct{ n int }

func (e *changing) Error() string { return fmt.Sprint(e.n) }

func TestErrorsAreRecordedAsTheyAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
			cause := &changing{}
			trace.SpanFromContext(ctx).RecordError(fmt.Errorf("w: %w", cause))
			for range 300 { // past the time at which open spans are sent
				time.Sleep(100 * time.Millisecond)
				cause.n++
			}
			return nil, nil
		})
		for _, s := range res.Segments {
			if x := exceptions(s); x[0]["message"] != "w: 0" || x[1]["message"] != "0" {
				t.Errorf("got exceptions %v, want the text at the time of the call", x)
			}
		}
	})
}

func TestURLsInErrorsLoseTheirCredentials(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		return nil, fmt.Errorf("charge: %w", &url.Error{Op: "Get", URL: "https://api.example/x?token=hidden", Err: errors.New("refused")})
	})
	if text := string(res.Segments[0].JSON); strings.Contains(text, "hidden") || !strings.Contains(text, "token=REDACTED") {
		t.Errorf("got %s, want the token replaced by REDACTED", text)
	}
}

func TestLineageIsKeptInOtherTraces(t *testing.T) {
	t.Parallel()
	const lineage = ";Lineage=1:abcdef12:0"
	headers := map[string]string{}
	record := func(name string) body {
		return func(ctx context.Context, _ json.RawMessage) (any, error) {
			headers[name] = tracing.Header(ctx)
			rctx, sp := tracing.Start(ctx, "root", trace.WithNewRoot())
			defer sp.End()
			headers[name+", root"] = tracing.Header(rctx)
			return nil, nil
		}
	}
	always := sdktrace.NewTracerProvider()
	invoke(t, nil, sampled+lineage, record("own"))
	invoke(t, &tracing.Options{TracerProvider: always}, "Root="+traceID+lineage, record("SDK without a decision"))
	yes := true
	lambdatest.New(t, lambdakit.Wrap(record("switched off"), tracing.New(&tracing.Options{Disabled: &yes}).Middleware),
		&lambdatest.Options{TraceHeader: sampled + lineage}).Invoke(`{}`)
	ctx := otelglobal.Propagator{}.Extract(t.Context(), carrier{"X-Amzn-Trace-Id": sampled + lineage})
	headers["extracted"] = tracing.Header(ctx)
	for name, h := range headers {
		if !strings.HasSuffix(h, lineage) {
			t.Errorf("%s: got the header %q, want it to end in %q", name, h, lineage)
		}
	}
}

type carrier map[string]string

func (c carrier) Get(key string) string { return c[key] }
func (c carrier) Set(key, value string) { c[key] = value }
func (c carrier) Keys() []string        { return nil }

func TestWorkOnAMessageOfAnotherTrace(t *testing.T) {
	t.Parallel()
	res := invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		ctx = otelglobal.Propagator{}.Extract(ctx, carrier{"X-Amzn-Trace-Id": "Root=1-11111111-111111111111111111111111;Parent=1111111111111111;Sampled=1"})
		return nil, tracing.Run(ctx, "message", func(ctx context.Context) error {
			out := carrier{}
			otelglobal.Propagator{}.Inject(ctx, out)
			if !strings.HasPrefix(out["X-Amzn-Trace-Id"], "Root=1-11111111-") {
				t.Errorf("got %v, want the trace of the message", out)
			}
			return nil
		})
	})
	if s := find(t, res, "message"); s.TraceID != "1-11111111-111111111111111111111111" || s.ParentID != "1111111111111111" || s.Subsegment {
		t.Errorf("got %v, want a segment below the sender of the message", s.Document)
	}
}

func TestRetriedHandler(t *testing.T) {
	t.Parallel()
	retry := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			next(ctx, inv)
			return next(ctx, inv)
		}
	}
	n := 0
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		n++
		return nil, tracing.Run(ctx, fmt.Sprint("attempt ", n), func(context.Context) error { return nil })
	}, retry, tracing.New(nil).Middleware)
	res := lambdatest.Run(t, h, `{}`)
	first, second := find(t, res, "attempt 1"), find(t, res, "attempt 2")
	if len(res.Segments) != 3 || first.ParentID != second.ParentID {
		t.Errorf("got %+v, want 3 spans, two of them siblings", res.Segments)
	}
}

func TestDisabledProvider(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	yes := true
	tracer := tracing.New(&tracing.Options{TracerProvider: provider, Disabled: &yes})
	_, sp := tracer.Tracer("").Start(t.Context(), "x")
	sp.End()
	provider.ForceFlush(t.Context())
	if n := len(exporter.GetSpans()); n != 0 {
		t.Errorf("got %d spans, want 0", n)
	}
}

// badTracer and badProvider break the rules of their interfaces.
type badTracer struct {
	noop.Tracer
	start func(context.Context) (context.Context, trace.Span)
}

func (b badTracer) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	return b.start(ctx)
}

type badProvider struct {
	noop.TracerProvider
	tracer trace.Tracer
}

func (b badProvider) Tracer(string, ...trace.TracerOption) trace.Tracer { return b.tracer }

func TestBadProviders(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]trace.TracerProvider{
		"no tracer":  badProvider{},
		"panic":      badProvider{tracer: badTracer{start: func(context.Context) (context.Context, trace.Span) { panic("x") }}},
		"no context": badProvider{tracer: badTracer{start: func(context.Context) (context.Context, trace.Span) { return nil, noop.Span{} }}},
		"no span":    badProvider{tracer: badTracer{start: func(ctx context.Context) (context.Context, trace.Span) { return ctx, nil }}},
		"noop":       noop.NewTracerProvider(),
	} {
		var reports []string
		tracer := tracing.New(&tracing.Options{TracerProvider: provider, OnError: func(err error) { reports = append(reports, err.Error()) }})
		h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			if got := tracing.LogAttrs(ctx, nil); len(got) != 0 {
				t.Errorf("%s: got the attributes %v, want none", name, got)
			}
			tracing.AddMetadata(ctx, "m", 1)
			return "ok", tracing.Run(ctx, "x", func(context.Context) error { return nil })
		}, tracer.Middleware), nil)
		for range 2 {
			if res := h.Invoke(`{}`); string(res.Response) != `"ok"` {
				t.Errorf("%s: got %s and the error %v, want \"ok\"", name, res.Response, res.Err)
			}
		}
		if want := min(1, len(name)-len("noop")); len(reports) != want {
			t.Errorf("%s: got reports %q, want %d", name, reports, want)
		}
	}
}

func TestNilArguments(t *testing.T) {
	t.Parallel()
	var ctx context.Context
	if h := tracing.Header(ctx); h != "" {
		t.Errorf("got the header %q, want none", h)
	}
	otelglobal.Propagator{}.Inject(ctx, carrier{})
	tracing.Annotate(ctx, "a", 1)
	tracing.AddMetadata(ctx, "a", 1)
	tracing.LogAttrs(ctx, nil)
	tracing.Run(ctx, "x", func(context.Context) error { return nil })
	invoke(t, nil, sampled, func(ctx context.Context, _ json.RawMessage) (any, error) {
		rt := &tracing.Transport{Base: network(func(*http.Request) (*http.Response, error) { return nil, nil })}
		if res, err := rt.RoundTrip((&http.Request{}).WithContext(ctx)); res != nil || err != nil {
			t.Errorf("%v, %v", res, err)
		}
		req, _ := http.NewRequestWithContext(ctx, "", "http://x.example", nil)
		rt.RoundTrip(req)
		return nil, nil
	})
}

func TestConcurrentAnnotationsOfTheSDK(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() { tracing.Annotate(ctx, fmt.Sprint("k", i), i) })
		}
		wg.Wait()
		return nil, nil
	}, tracing.New(&tracing.Options{TracerProvider: provider}).Middleware), `{}`)
	if got := attributes(exporter.GetSpans()[0])["aws.xray.annotations"]; strings.Count(got, ",") != 50 {
		t.Errorf("got %s, want 51 keys", got)
	}
}

func TestTraceParentWithoutADecision(t *testing.T) {
	t.Parallel()
	var sent http.Header
	invoke(t, nil, "Root="+traceID+";Parent="+parent, func(ctx context.Context, _ json.RawMessage) (any, error) {
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://x.example", nil)
		return (&tracing.Transport{Base: answer(200, &sent), TraceParent: true}).RoundTrip(req)
	})
	if sent.Get("Traceparent") != "" || sent.Get("X-Amzn-Trace-Id") == "" {
		t.Errorf("got headers %v, want only X-Amzn-Trace-Id", sent)
	}
}
