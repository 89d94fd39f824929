package xrayexporter_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/xrayexporter"
)

func provider(t *testing.T, o *xrayexporter.Options, opts ...sdktrace.TracerProviderOption) *sdktrace.TracerProvider {
	p := sdktrace.NewTracerProvider(append(opts, sdktrace.WithSyncer(xrayexporter.New(o)))...)
	t.Cleanup(func() { p.Shutdown(context.Background()) })
	return p
}

// burst exports many spans and one span with this parent. It returns the reported number of dropped
// spans and the duration.
func burst(t *testing.T, parent trace.SpanContext) (dropped int, took time.Duration) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}) // does not read
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var reports []string
	synctest.Test(t, func(t *testing.T) {
		exporter := xrayexporter.New(&xrayexporter.Options{DaemonAddress: conn.LocalAddr().String(), OnError: func(err error) { reports = append(reports, err.Error()) }})
		sc := span(2)
		var spans tracetest.SpanStubs
		for range 6000 {
			spans = append(spans, tracetest.SpanStub{Name: "work", SpanContext: sc, Parent: span(1)})
		}
		spans = append(spans, tracetest.SpanStub{Name: "last", SpanContext: sc, Parent: parent})
		begin := time.Now()
		for range 2 {
			exporter.ExportSpans(t.Context(), spans.Snapshots())
		}
		took = time.Since(begin)
	})
	if len(reports) != 1 {
		t.Fatalf("got reports %q, want one", reports)
	}
	fmt.Sscanf(reports[0], "tracing: an export dropped %d spans", &dropped)
	return dropped, took
}

func span(id byte) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{id}, TraceFlags: trace.FlagsSampled})
}

func TestBurst_IsSpreadAndTheRestIsDropped(t *testing.T) {
	t.Parallel()
	dropped, took := burst(t, span(1))
	if dropped < 2000 || dropped > 5000 {
		t.Errorf("got %d of 6000 spans dropped, want 2000 to 5000", dropped)
	}
	if least, most := 80*time.Millisecond, 110*time.Millisecond; took < least || took > most {
		t.Errorf("got two exports of %v, want %v to %v", took, least, most)
	}
}

func TestBurst_SpansWithoutParentInTheProcessAreKept(t *testing.T) {
	t.Parallel()
	child, _ := burst(t, span(1))
	for name, parent := range map[string]trace.SpanContext{"root": {}, "remote parent": span(1).WithRemote(true)} {
		if dropped, _ := burst(t, parent); dropped != child-1 {
			t.Errorf("%s: got %d dropped, want one less than %d", name, dropped, child)
		}
	}
}

// ended exports each span when it ends, as a syncer does: works times n spans and their parent. It
// returns the duration.
func ended(t *testing.T, works, n int) (took time.Duration) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}) // does not read
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	synctest.Test(t, func(t *testing.T) {
		exporter := xrayexporter.New(&xrayexporter.Options{DaemonAddress: conn.LocalAddr().String()})
		export := func(s tracetest.SpanStub) {
			exporter.ExportSpans(t.Context(), tracetest.SpanStubs{s}.Snapshots())
		}
		begin := time.Now()
		for range works {
			for range n {
				export(tracetest.SpanStub{Name: "work", SpanContext: span(3), Parent: span(2)})
			}
			export(tracetest.SpanStub{Name: "parent", SpanContext: span(2), Parent: span(1).WithRemote(true)})
		}
		took = time.Since(begin)
	})
	return took
}

func TestSyncer_OnlyBurstsWait(t *testing.T) {
	t.Parallel()
	if took := ended(t, 300, 10); took != 0 {
		t.Errorf("300 times ten spans: got waits of %v, want none", took)
	}
	if took := ended(t, 1, 250); took < 4*time.Millisecond || took > 12*time.Millisecond {
		t.Errorf("250 spans: got waits of %v, want 4 to 12 ms", took)
	}
}

// TestSameDocuments runs one handler with package tracing and with the SDK, and compares the
// documents.
func TestSameDocuments(t *testing.T) {
	t.Parallel()
	d := xraytest.Listen(t)
	failure := fmt.Errorf("outer: %w", errors.New("inner"))
	run := func(o *tracing.Options) *lambdatest.Result {
		h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) {
			tracing.Annotate(ctx, "order", "o-1")
			_, sp := tracing.Start(ctx, "GET", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
				attribute.String("http.request.method", "GET"), attribute.String("url.full", "https://api.example/x"), attribute.Int("http.response.status_code", 503)))
			sp.SetStatus(codes.Error, "unavailable")
			sp.End()
			return nil, failure
		}, tracing.New(o).Middleware)
		return lambdatest.New(t, h, &lambdatest.Options{TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"}).Invoke(`{}`)
	}
	own := run(&tracing.Options{Service: "orders"})
	run(&tracing.Options{Service: "orders", Parent: tracing.ParentLambda, TracerProvider: provider(t, &xrayexporter.Options{DaemonAddress: d.Addr()})})
	call, handler := d.Next(t), d.Next(t)
	for i, got := range []xraytest.Document{call, handler} {
		want := xraytest.Decode(t, own.Segments[i].JSON)
		for _, member := range []string{"name", "trace_id", "type", "namespace", "http", "fault", "error", "annotations"} {
			if fmt.Sprint(got.At(member)) != fmt.Sprint(want.At(member)) {
				t.Errorf("%s: got %v, want %v", member, got.At(member), want.At(member))
			}
		}
	}
	if handler.At("parent_id") != "557abcec3ee5a047" || call.At("parent_id") != handler.At("id") || !strings.Contains(fmt.Sprint(handler.At("cause")), "outer: inner") {
		t.Errorf("got %s and %s, want the call below the handler and the handler below Lambda", call.JSON, handler.JSON)
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, segments := range []bool{false, true} {
		d := xraytest.Listen(t)
		p := provider(t, &xrayexporter.Options{DaemonAddress: d.Addr(), Segments: segments, Annotations: []string{"a.b"}},
			sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "orders"))))
		remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true})
		ctx, server := p.Tracer("").Start(trace.ContextWithRemoteSpanContext(t.Context(), remote), "server", trace.WithSpanKind(trace.SpanKindServer))
		_, inner := p.Tracer("").Start(ctx, "inner", trace.WithLinks(trace.Link{SpanContext: remote}), trace.WithAttributes(attribute.Int("a.b", 7)))
		inner.AddEvent("noticed")
		inner.End()
		server.End()
		_, root := p.Tracer("").Start(t.Context(), "root")
		root.End()
		i, s, r := d.Next(t), d.Next(t), d.Next(t)
		if i.At("type") != "subsegment" || i.At("annotations.a_b") != 7.0 || i.In("metadata", "default", "otel.links") == nil || i.In("metadata", "default", "otel.events") == nil {
			t.Errorf("got %s, want a subsegment with the annotation, the link and the event", i.JSON)
		}
		if (s.At("type") == nil) != segments || s.At("parent_id") != "0200000000000000" {
			t.Errorf("segments %v: got %s, want a child of the remote span", segments, s.JSON)
		}
		if r.At("type") != nil || r.At("origin") != nil || r.In("metadata", "default", "otel.resource.service.name") != "orders" {
			t.Errorf("got %s, want a segment with the resource", r.JSON)
		}
	}
}

func TestUnsampledAndShutDown(t *testing.T) {
	t.Parallel()
	d := xraytest.Listen(t)
	exporter := xrayexporter.New(&xrayexporter.Options{DaemonAddress: d.Addr()})
	p := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter), sdktrace.WithSampler(sdktrace.NeverSample()))
	_, sp := p.Tracer("").Start(t.Context(), "unsampled")
	sp.End()
	p = sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	_, sp = p.Tracer("").Start(t.Context(), "sampled")
	sp.End()
	exporter.Shutdown(t.Context())
	_, sp = p.Tracer("").Start(t.Context(), "late")
	sp.End()
	if got := d.Next(t).At("name"); got != "sampled" || d.Waiting() != 0 {
		t.Errorf("got %v and %d more, want only sampled", got, d.Waiting())
	}
}
