package otelglobal_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

const (
	name   = "X-Amzn-Trace-Id"
	header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1;Lineage=a:b"
)

func TestExtract_NeedsAParentAndADecision(t *testing.T) {
	t.Parallel()
	for h, want := range map[string]bool{
		header: true,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0": true,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=?": false,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047":           false,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1":                         false,
		"": false,
	} {
		ctx := otelglobal.Propagator{}.Extract(t.Context(), propagation.MapCarrier{name: h})
		if sc := trace.SpanContextFromContext(ctx); sc.IsValid() != want || want && !sc.IsRemote() {
			t.Errorf("%q: got %+v, want a remote span: %v", h, sc, want)
		}
	}
}

func TestInject_KeepsTheLineage(t *testing.T) {
	t.Parallel()
	p := otelglobal.Propagator{}
	out := propagation.MapCarrier{}
	p.Inject(p.Extract(t.Context(), propagation.MapCarrier{name: header}), out)
	if got := out[name]; got != header {
		t.Errorf("got %q, want %q", got, header)
	}
	out = propagation.MapCarrier{}
	if p.Inject(t.Context(), out); len(out) != 0 {
		t.Errorf("got %v without a trace, want none", out)
	}
}

func TestFields_NamesTheHeaders(t *testing.T) {
	t.Parallel()
	if got := (otelglobal.Propagator{}).Fields(); len(got) != 3 || got[0] != name || got[1] != "traceparent" {
		t.Errorf("got %q, want %s and the headers of W3C", got, name)
	}
}

// Spans for X-Ray are in the trace of Lambda's header. Others are passed on in traceparent.
func TestInject_TraceparentUnlessXRayHasTheSpan(t *testing.T) {
	t.Parallel()
	for kind, o := range map[string]*tracing.Options{"X-Ray": nil, "OTLP": {Exporter: otlp.New(nil)}} {
		lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			out := propagation.MapCarrier{}
			otelglobal.Propagator{}.Inject(ctx, out)
			parent := tracing.TraceParent(ctx)
			if kind == "X-Ray" {
				parent = ""
			}
			if out["traceparent"] != parent || (out[name] == header) != (kind == "OTLP") {
				t.Errorf("%s: got %v, want the traceparent %q", kind, out, parent)
			}
		}, tracing.New(o).Middleware), &lambdatest.Options{TraceHeader: header}).Invoke(nil)
	}
}

// X-Ray's header has no span of another backend, and may say that nothing is sampled.
func TestExtract_OfBothHeaders(t *testing.T) {
	t.Parallel()
	const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	both := propagation.MapCarrier{name: strings.Replace(header, "Sampled=1", "Sampled=0", 1), "traceparent": traceparent}
	for kind, o := range map[string]*tracing.Options{"X-Ray": nil, "OTLP": {Exporter: otlp.New(nil)}, "none": nil} {
		lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			if kind == "none" {
				ctx = t.Context()
			}
			want, sampled := "b7ad6b7169203331", true
			// API Gateway sends a header without a parent, and any client may send the other one.
			for _, h := range []string{"", "Root=1-5759e988-bd862e3fe1be46a994272793"} {
				alone := trace.SpanContextFromContext(otelglobal.Propagator{}.Extract(ctx, propagation.MapCarrier{name: h, "traceparent": traceparent}))
				if alone.IsRemote() != (kind != "X-Ray") || kind != "X-Ray" && alone.SpanID().String() != want {
					t.Errorf("%s, traceparent and %q: got %s, remote %v; want the remote span %s unless the span goes to X-Ray", kind, h, alone.SpanID(), alone.IsRemote(), want)
				}
			}
			if kind == "X-Ray" {
				want, sampled = "557abcec3ee5a047", false
			}
			got := otelglobal.Propagator{}.Extract(ctx, both)
			if sc := trace.SpanContextFromContext(got); sc.SpanID().String() != want || sc.IsSampled() != sampled {
				t.Errorf("%s: got %s, sampled %v; want %s, %v", kind, sc.SpanID(), sc.IsSampled(), want, sampled)
			}
		}, tracing.New(o).Middleware), &lambdatest.Options{TraceHeader: header}).Invoke(nil)
	}
}

func TestSet_MakesTheTracerGlobal(t *testing.T) {
	tracer := tracing.New(nil)
	otelglobal.Set(tracer)
	if _, ok := otel.GetTextMapPropagator().(otelglobal.Propagator); !ok {
		t.Errorf("got the propagator %T, want ours", otel.GetTextMapPropagator())
	}
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
		_, sp := otel.Tracer("library").Start(ctx, "by a library")
		sp.End()
		return nil, nil
	}, tracer.Middleware)
	res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: header}).Invoke(`{}`)
	if len(res.Segments) != 2 || res.Segments[0].Name != "by a library" || res.Segments[0].ParentID != res.Segments[1].ID {
		t.Errorf("got %+v, want the library's span below the handler's", res.Segments)
	}
}
