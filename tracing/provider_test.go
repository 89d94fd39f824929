package tracing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// sdk returns a provider that keeps spans until it is flushed, and its exporter.
func sdk(t *testing.T) (*sdktrace.TracerProvider, *tracetest.InMemoryExporter) {
	exporter := tracetest.NewInMemoryExporter()
	p := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(time.Hour)))
	t.Cleanup(func() { p.Shutdown(context.Background()) })
	return p, exporter
}

func attributes(s tracetest.SpanStub) map[attribute.Key]string {
	all := map[attribute.Key]string{}
	for _, a := range s.Attributes {
		all[a.Key] = a.Value.String()
	}
	return all
}

func TestProviderOfTheSDK(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider, Service: "orders", Parent: tracing.ParentLambda})
	if got, want := tracer.Tracer("lib"), provider.Tracer("lib"); got != want {
		t.Errorf("got the tracer %v, want the tracer of Options.TracerProvider: %v", got, want)
	}
	failure := errors.New("boom")
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		tracing.Annotate(ctx, "order", "o-1")
		tracing.Annotate(ctx, "n", 1)
		tracing.Annotate(ctx, "n", 2)
		tracing.AddMetadata(ctx, "m", []int{1})
		return nil, tracing.Run(ctx, "inner", func(context.Context) error { return failure })
	}, tracer.Middleware), &lambdatest.Options{TraceHeader: sampled})
	res := h.Invoke(`{}`)
	spans := exporter.GetSpans()
	if res.Err != failure || len(spans) != 2 || len(res.Segments) != 0 {
		t.Fatalf("got the error %v, %d flushed spans and %d segments, want %v, 2 and 0", res.Err, len(spans), len(res.Segments), failure)
	}
	inner, outer := spans[0], spans[1]
	if inner.Parent.SpanID() != outer.SpanContext.SpanID() || inner.Status.Code != codes.Error || inner.Events[0].Name != "exception" {
		t.Errorf("got %+v, want an error with an exception below the handler span", inner)
	}
	a := attributes(outer)
	if outer.Name != "## function" || outer.SpanKind != trace.SpanKindServer || outer.Parent.SpanID().String() != parent || !outer.Parent.IsRemote() ||
		outer.SpanContext.TraceID().String() != "5759e988bd862e3fe1be46a994272793" || outer.Status.Description != "boom" {
		t.Errorf("got %+v, want a handler span of the trace in the header", outer)
	}
	for key, want := range map[attribute.Key]string{
		"faas.invocation_id": res.RequestID, "faas.coldstart": "true", "faas.name": "function", "Service": "orders", "order": "o-1", "n": "2", "n.m": "",
		"aws.xray.annotations": `["ColdStart","Service","order","n"]`, "orders.m": "[1]", "cloud.platform": "aws_lambda",
	} {
		if a[key] != want {
			t.Errorf("%s: got %q, want %q", key, a[key], want)
		}
	}
}

func TestProvider_ResourceOfTheFunction(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	lambdatest.Run(t, lambdakit.WrapFunc(func() {}, tracer.Middleware), nil)
	a := attributes(exporter.GetSpans()[0])
	for key, want := range map[attribute.Key]string{
		"cloud.provider": "aws", "cloud.region": "eu-west-1", "faas.name": "function", "faas.version": "$LATEST", "faas.instance": "stream", "faas.max_memory": "134217728",
	} {
		if a[key] != want {
			t.Errorf("%s: got %q, want %q", key, a[key], want)
		}
	}
}

// A span that a middleware before the Provider started is the parent of the handler span.
func TestProvider_SpanBeforeTheHandlerSpanIsItsParent(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	before := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			ctx, sp := provider.Tracer("").Start(ctx, "before")
			defer sp.End()
			return next(ctx, inv)
		}
	}
	lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
		if _, sp := tracing.Start(trace.ContextWithSpan(ctx, nil), "x"); sp.IsRecording() {
			t.Error("got a recorded span below a context without a span, want none")
		}
	}, before, tracer.Middleware), &lambdatest.Options{TraceHeader: sampled}).Invoke(nil)
	provider.ForceFlush(t.Context())
	spans := exporter.GetSpans()
	if len(spans) != 2 || spans[1].Name != "## function" || spans[1].Parent.SpanID() != spans[0].SpanContext.SpanID() || spans[0].Parent.IsValid() {
		t.Errorf("got %v, want the span before and the handler span below it", spans)
	}
}

// Nothing is said about what is unknown.
func TestProvider_UnknownAttributesAreLeftOut(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_LAMBDA_LOG_STREAM_NAME", "")
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	ctx := execenv.NewContext(t.Context(), new(execenv.Environment))
	lambdakit.WrapFunc(func() {}, tracer.Middleware).Invoke(ctx, nil)
	s := exporter.GetSpans()[0]
	got := attributes(s)
	want := map[attribute.Key]string{"cloud.provider": "aws", "cloud.platform": "aws_lambda", "faas.coldstart": "false", "ColdStart": "false", "aws.xray.annotations": `["ColdStart"]`}
	if !maps.Equal(got, want) || s.Name != "## handler" {
		t.Errorf("got %q with %v, want ## handler with %v", s.Name, got, want)
	}
}

func TestProvider_IsFlushedBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider, exporter := sdk(t)
		tracer := tracing.New(&tracing.Options{TracerProvider: provider})
		got := 0
		h := lambdakit.WrapFunc(func(ctx context.Context) {
			tracing.Run(ctx, "inner", func(context.Context) error { return nil })
			time.Sleep(9_999 * time.Millisecond)
			got = len(exporter.GetSpans())
		}, tracer.Middleware)
		lambdatest.New(t, h, &lambdatest.Options{TraceHeader: sampled, Timeout: 10 * time.Second}).Invoke(nil)
		if got != 1 {
			t.Errorf("got %d spans 1 ms before the deadline, want 1", got)
		}
	})
}

func TestProviderPanicAndUnsampled(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider, Parent: tracing.ParentLambda})
	h := func(header string) *lambdatest.Result {
		return lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) { panic("boom") }, tracer.Middleware),
			&lambdatest.Options{TraceHeader: header}).Invoke(`{}`)
	}
	h(strings.Replace(sampled, "Sampled=1", "Sampled=0", 1))
	if n := len(exporter.GetSpans()); n != 0 {
		t.Errorf("got %d spans of an unsampled trace, want 0", n)
	}
	h("Root=" + traceID) // no decision: the provider's sampler decides
	h(sampled)
	spans := exporter.GetSpans()
	if len(spans) != 2 || spans[0].Parent.IsValid() || spans[1].Status.Description != "panic: boom" || !strings.Contains(fmt.Sprint(spans[1].Events[0].Attributes), "provider_test.go") {
		t.Errorf("got %+v, want a new trace with the panic", spans)
	}
}

func TestProviderTraceParent(t *testing.T) {
	t.Parallel()
	provider, exporter := sdk(t)
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	lambdatest.Run(t, lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return nil, nil }, tracer.Middleware),
		`{"headers":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}`)
	if s := exporter.GetSpans()[0]; s.SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" || s.Parent.SpanID().String() != "b7ad6b7169203331" {
		t.Errorf("got %+v, want a child of the traceparent", s)
	}
}

// stuck is a provider whose flush hangs and ignores its context.
type stuck struct {
	trace.TracerProvider
	release chan struct{}
}

func (s *stuck) ForceFlush(context.Context) error {
	<-s.release
	return nil
}

func TestFlushIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flush, timeout, want time.Duration
	}{
		"default":              {0, 60 * time.Second, 2 * time.Second},
		"option":               {time.Second, 60 * time.Second, time.Second},
		"half of what is left": {0, 2 * time.Second, time.Second},
		"off":                  {-1, 60 * time.Second, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			provider := &stuck{sdktrace.NewTracerProvider(), make(chan struct{})}
			defer close(provider.release)
			var reports []string
			tracer := tracing.New(&tracing.Options{TracerProvider: provider, FlushTimeout: c.flush, OnError: func(err error) { reports = append(reports, err.Error()) }})
			h := lambdakit.Wrap(func(context.Context, json.RawMessage) (any, error) { return "ok", nil }, tracer.Middleware)
			start := time.Now()
			res := lambdatest.New(t, h, &lambdatest.Options{Timeout: c.timeout}).Invoke(`{}`)
			took := time.Since(start)
			if string(res.Response) != `"ok"` || took != c.want || len(reports) != min(1, int(c.want)) {
				t.Errorf("%s: got %s after %v and reports %q, want \"ok\" after %v", name, res.Response, took, reports, c.want)
			}
		})
	}
}

// lines collects the attributes that LogAttrs adds to log lines.
func TestLogAttrs(t *testing.T) {
	t.Parallel()
	for _, header := range []string{sampled, strings.Replace(sampled, "Sampled=1", "Sampled=0", 1)} {
		res := invoke(t, nil, header, func(ctx context.Context, _ json.RawMessage) (any, error) {
			sc := trace.SpanContextFromContext(ctx)
			want := fmt.Sprintf("[trace_id=%s span_id=%s]", sc.TraceID(), sc.SpanID())
			for range 2 {
				if got := fmt.Sprint(tracing.LogAttrs(ctx, nil)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			if got := fmt.Sprint(tracing.LogAttrs(lambdakit.FromContext(ctx).Context(), nil)); got != want {
				t.Errorf("got %s with the context of the invocation, want %s", got, want)
			}
			return nil, tracing.Run(ctx, "x", func(ctx context.Context) error {
				sc := trace.SpanContextFromContext(ctx)
				want := fmt.Sprintf("[trace_id=%s span_id=%s]", sc.TraceID(), sc.SpanID())
				if got := fmt.Sprint(tracing.LogAttrs(ctx, nil)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				return nil
			})
		})
		if res.Err != nil {
			t.Errorf("got %v, want no error", res.Err)
		}
	}
	provider, _ := sdk(t)
	ctx, sp := provider.Tracer("").Start(context.Background(), "x")
	defer sp.End()
	if got := fmt.Sprint(tracing.LogAttrs(ctx, nil)); !strings.Contains(got, sp.SpanContext().SpanID().String()) {
		t.Errorf("got %s, want the id %s", got, sp.SpanContext().SpanID())
	}
}
