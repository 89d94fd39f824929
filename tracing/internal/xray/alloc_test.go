package xray

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// handlerSpan returns a typical handler span.
func handlerSpan() *Span {
	s := newSpan(trace.SpanKindServer,
		attribute.String("faas.invocation_id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
		attribute.Bool("faas.coldstart", false))
	s.Name = "## handler"
	s.Annotations = attrs{attribute.Bool("ColdStart", false), attribute.String("Service", "orders")}
	return s
}

// fewest returns the smallest number of allocations of several runs of f: the race detector
// sometimes empties pools.
func fewest(f func()) float64 {
	n := testing.AllocsPerRun(1, f)
	for range 200 {
		n = min(n, testing.AllocsPerRun(1, f))
	}
	return n
}

func TestDocumentAllocatesNothing(t *testing.T) {
	cfg := Config{Indexed: []string{"customer_id"}}
	spans := map[string]*Span{
		"handler": handlerSpan(),
		"call of AWS": newSpan(trace.SpanKindClient,
			attribute.String("rpc.system.name", "aws-api"), attribute.String("rpc.method", "DynamoDB/GetItem"),
			attribute.String("aws.region", "eu-west-1"), attribute.String("aws.request_id", "r"), attribute.Int("http.response.status_code", 200)),
	}
	for name, s := range spans {
		encode(t, cfg, s)
		buf := make([]byte, 0, 4096)
		if n := fewest(func() { buf, _ = cfg.AppendDatagram(buf[:0], s) }); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", name, n)
		}
	}
	if n := fewest(func() { Key("customer_id") }); n != 0 {
		t.Errorf("valid key: got %v allocations, want 0", n)
	}
}

func BenchmarkDocument(b *testing.B) {
	handler := handlerSpan()
	call := newSpan(trace.SpanKindClient,
		attribute.String("http.request.method", "GET"), attribute.String("url.full", "https://api.example.com/orders/17?expand=items"),
		attribute.String("server.address", "api.example.com"), attribute.Int("http.response.status_code", 200))
	failure := handlerSpan()
	failure.Status, failure.Description = codes.Error, "no such order"
	failure.Events = []Event{{Name: ExceptionEvent, Attributes: attrs{
		ExceptionType.String("*errors.errorString"), ExceptionMessage.String("no such order"), ExceptionStacktrace.String(Stack(0))}}}
	for _, c := range []struct {
		name string
		span *Span
	}{{"handler", handler}, {"call", call}, {"failure", failure}} {
		b.Run(c.name, func(b *testing.B) {
			cfg := Config{Indexed: []string{"customer_id"}}
			buf := make([]byte, 0, 8192)
			b.ReportAllocs()
			for b.Loop() {
				buf, _ = cfg.AppendDatagram(buf[:0], c.span)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}
