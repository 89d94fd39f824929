package interop

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlptracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// transformed is a client of otlptrace that keeps the messages of its transform.
type transformed struct{ spans []*otlptracepb.ResourceSpans }

func (*transformed) Start(context.Context) error { return nil }
func (*transformed) Stop(context.Context) error  { return nil }
func (c *transformed) UploadTraces(_ context.Context, spans []*otlptracepb.ResourceSpans) error {
	c.spans = append(c.spans, spans...)
	return nil
}

// fixedIDs gives a span ids that are chosen before.
type fixedIDs struct {
	trace trace.TraceID
	span  trace.SpanID
}

func (f *fixedIDs) NewIDs(context.Context) (trace.TraceID, trace.SpanID)  { return f.trace, f.span }
func (f *fixedIDs) NewSpanID(context.Context, trace.TraceID) trace.SpanID { return f.span }

// operations is the part of trace.Span that both spans implement.
type operations interface {
	SetName(string)
	SetStatus(codes.Code, string)
	SetAttributes(...attribute.KeyValue)
	AddEvent(string, ...trace.EventOption)
	AddLink(trace.Link)
}

// generator makes random spans. Its methods use r only.
type generator struct{ *rand.Rand }

func (g generator) text() string {
	return []string{"", "a", "orders", "größer", "\x00\t\n", "日本語", strings.Repeat("x", 127), strings.Repeat("y", 128), strings.Repeat("z", 20_000)}[g.IntN(9)]
}

func (g generator) float() float64 {
	return []float64{0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, g.NormFloat64()}[g.IntN(8)]
}

func (g generator) int() int64 {
	return []int64{0, 1, -1, 127, 128, math.MaxInt64, math.MinInt64, g.Int64()}[g.IntN(8)]
}

func several[T any](g generator, f func() T) []T {
	list := make([]T, g.IntN(4))
	for i := range list {
		list[i] = f()
	}
	return list
}

func (g generator) value(depth int) attribute.Value {
	kinds := 12
	if depth == 0 {
		kinds = 10
	}
	switch g.IntN(kinds) {
	case 0:
		return attribute.BoolValue(g.IntN(2) == 0)
	case 1:
		return attribute.Int64Value(g.int())
	case 2:
		return attribute.Float64Value(g.float())
	case 3:
		return attribute.StringValue(g.text())
	case 4:
		return attribute.BoolSliceValue(several(g, func() bool { return g.IntN(2) == 0 }))
	case 5:
		return attribute.Int64SliceValue(several(g, g.int))
	case 6:
		return attribute.Float64SliceValue(several(g, g.float))
	case 7:
		return attribute.StringSliceValue(several(g, g.text))
	case 8:
		return attribute.ByteSliceValue([]byte(g.text()))
	case 9:
		return attribute.Value{}
	case 10:
		return attribute.SliceValue(several(g, func() attribute.Value { return g.value(depth - 1) })...)
	default:
		return attribute.MapValue(several(g, func() attribute.KeyValue { return g.attribute(depth - 1) })...)
	}
}

func (g generator) attribute(depth int) attribute.KeyValue {
	return attribute.KeyValue{Key: attribute.Key(fmt.Sprint("k", g.IntN(1000))), Value: g.value(depth)}
}

// unique returns attributes whose keys differ. A few lists are longer than the limit.
func (g generator) unique() []attribute.KeyValue {
	n := g.IntN(6)
	if g.IntN(20) == 0 {
		n = 120 + g.IntN(20)
	}
	list := make([]attribute.KeyValue, n)
	for i := range list {
		list[i] = attribute.KeyValue{Key: attribute.Key(fmt.Sprint("u", i)), Value: g.value(3)}
	}
	return list
}

func (g generator) time() time.Time {
	return time.Unix(1_700_000_000+g.Int64N(1e8), g.Int64N(1e9))
}

func (g generator) spanContext() trace.SpanContext {
	c := trace.SpanContextConfig{TraceFlags: trace.TraceFlags(g.IntN(4)), Remote: g.IntN(2) == 0}
	for i := range c.TraceID {
		c.TraceID[i] = byte(1 + g.IntN(255))
	}
	for i := range c.SpanID {
		c.SpanID[i] = byte(1 + g.IntN(255))
	}
	if g.IntN(2) == 0 {
		c.TraceState, _ = trace.ParseTraceState([]string{"a=b", "vendor@tenant=value,b=1", "ot=th:8"}[g.IntN(3)])
	}
	return trace.NewSpanContext(c)
}

// operations returns what happens to a span after its start.
func (g generator) operations() []func(operations) {
	var all []func(operations)
	for range g.IntN(8) {
		switch g.IntN(6) {
		case 0:
			name := "renamed" + g.text()
			all = append(all, func(s operations) { s.SetName(name) })
		case 1:
			code, text := codes.Code(g.IntN(3)), g.text()
			all = append(all, func(s operations) { s.SetStatus(code, text) })
		case 2:
			attrs := g.unique()
			all = append(all, func(s operations) { s.SetAttributes(attrs...) })
		case 3, 4:
			n := 1
			if g.IntN(10) == 0 {
				n = 125 + g.IntN(10)
			}
			for range n {
				name, attrs, at := g.text(), g.unique(), g.time()
				if n > 1 {
					attrs = attrs[:min(len(attrs), 2)]
				}
				all = append(all, func(s operations) { s.AddEvent(name, trace.WithAttributes(attrs...), trace.WithTimestamp(at)) })
			}
		case 5:
			l := trace.Link{SpanContext: g.spanContext(), Attributes: g.unique()}
			all = append(all, func(s operations) { s.AddLink(l) })
		}
	}
	return all
}

// TestEncoding_EqualsTheSDK compares the fields of 2,000 random spans with the spans that the
// OpenTelemetry SDK records and its OTLP exporter transforms.
func TestEncoding_EqualsTheSDK(t *testing.T) {
	t.Parallel()
	g := generator{rand.New(rand.NewPCG(1, 2))}
	client, ids := new(transformed), new(fixedIDs)
	exporter, err := otlptrace.New(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter), sdktrace.WithIDGenerator(ids), sdktrace.WithSampler(sdktrace.AlwaysSample()),
		sdktrace.WithResource(sdkresource.NewWithAttributes("https://example.com/resource", attribute.String("service.name", "orders"))))
	encoder := otlp.Encoder{Limits: otlp.NoLimits}
	for i := range 2000 {
		parent, kind, start := g.spanContext().WithTraceFlags(trace.FlagsSampled), trace.SpanKind(g.IntN(7)), g.time()
		if g.IntN(4) == 0 {
			parent = trace.SpanContext{}
		}
		fresh := g.spanContext()
		ids.trace, ids.span = fresh.TraceID(), fresh.SpanID()
		id := parent.TraceID()
		if !parent.IsValid() {
			id = ids.trace
		}
		name, attrs, ops := g.text(), g.unique(), g.operations()
		finish := start.Add(time.Duration(g.Int64N(1e10)))
		scope := xray.Scope{Name: "lib" + g.text(), Version: g.text(), SchemaURL: g.text(), Attributes: attribute.NewSet(g.unique()...)}

		client.spans = nil
		_, theirs := provider.Tracer(scope.Name, trace.WithInstrumentationVersion(scope.Version), trace.WithSchemaURL(scope.SchemaURL),
			trace.WithInstrumentationAttributeSet(scope.Attributes)).
			Start(trace.ContextWithSpanContext(t.Context(), parent), name, trace.WithSpanKind(kind), trace.WithTimestamp(start), trace.WithAttributes(attrs...))
		ours := new(record.Span)
		ours.Init(id, ids.span, parent, name, kind, start)
		ours.AddAttributes(attrs)
		for _, op := range ops {
			op(theirs)
			op(ours)
		}
		theirs.End(trace.WithTimestamp(finish))
		ours.Lock()
		ours.Finish([]trace.SpanEndOption{trace.WithTimestamp(finish)}, time.Now)
		group := otlp.NewGroup(&scope)
		group.Spans = encoder.AppendSpan(nil, ours.SpanContext(), &ours.Data)
		body := otlp.Request(otlp.Resource([]attribute.KeyValue{attribute.String("service.name", "orders")}), "https://example.com/resource", []otlp.Group{group})

		got, want := decode(t, body), &collector.ExportTraceServiceRequest{ResourceSpans: client.spans}
		withoutOrder(want)
		withoutOrder(got)
		wantLinksWithState(want, got)
		if !proto.Equal(got, want) {
			t.Fatalf("span %d: got %s", i, difference(prototext.Format(got), prototext.Format(want)))
		}
		wantRead(t, body, want.ResourceSpans[0].ScopeSpans[0].Spans[0])
	}
}

// difference describes the first line that differs.
func difference(got, want string) string {
	ours, theirs := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(ours), len(theirs)) {
		if strings.Join(strings.Fields(ours[i]), " ") != strings.Join(strings.Fields(theirs[i]), " ") {
			return fmt.Sprintf("line %d: %.200s, want %.200s", i, ours[i], theirs[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(ours), len(theirs))
}

func decode(t testing.TB, body []byte) *collector.ExportTraceServiceRequest {
	t.Helper()
	got := new(collector.ExportTraceServiceRequest)
	if err := proto.Unmarshal(body, got); err != nil {
		t.Fatal(err)
	}
	if fields := unknown(got); fields > 0 {
		t.Fatalf("got %d bytes of unknown fields, want none", fields)
	}
	return got
}

// unknown returns the size of unknown fields in the messages of a request.
func unknown(r *collector.ExportTraceServiceRequest) int {
	n := len(r.ProtoReflect().GetUnknown())
	for _, rs := range r.ResourceSpans {
		n += len(rs.ProtoReflect().GetUnknown())
		for _, ss := range rs.ScopeSpans {
			n += len(ss.ProtoReflect().GetUnknown())
			for _, s := range ss.Spans {
				n += len(s.ProtoReflect().GetUnknown())
			}
		}
	}
	return n
}

// withoutOrder sorts attributes, and makes a status that is not set and an absent one the same.
func withoutOrder(r *collector.ExportTraceServiceRequest) {
	byKey := func(a, b *common.KeyValue) int { return strings.Compare(a.Key, b.Key) }
	for _, rs := range r.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				slices.SortFunc(s.Attributes, byKey)
				if s.Status == nil {
					s.Status = new(otlptracepb.Status)
				}
			}
		}
	}
}

// wantLinksWithState adds the trace states of links to want. The SDK's exporter leaves them out.
func wantLinksWithState(want, got *collector.ExportTraceServiceRequest) {
	theirs, ours := want.ResourceSpans[0].ScopeSpans[0].Spans[0], got.ResourceSpans[0].ScopeSpans[0].Spans[0]
	for i, l := range theirs.Links {
		if i < len(ours.Links) {
			l.TraceState = ours.Links[i].TraceState
		}
	}
}
