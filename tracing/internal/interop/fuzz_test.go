package interop

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	otlptracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// spanOf returns a span that uses a text in each place that has one.
func spanOf(text string, at time.Time) *record.Span {
	s := new(record.Span)
	s.Init(trace.TraceID{1}, trace.SpanID{2}, trace.SpanContext{}, text, trace.SpanKindClient, at)
	s.SetAttributes(attribute.String("k"+text, text), attribute.StringSlice("list", []string{text, text}), attribute.Map("map", attribute.String(text, text)),
		attribute.ByteSlice("bytes", []byte(text)), attribute.Slice("slice", attribute.StringValue(text)))
	s.Annotate(attribute.String("a"+text, text))
	s.AddMetadata(xray.Metadata{Namespace: text, Key: text, JSON: []byte(text)})
	s.AddEvent(text, trace.WithAttributes(attribute.String(text, text)), trace.WithTimestamp(at))
	s.RecordError(errors.New(text))
	s.AddLink(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{3}}), Attributes: []attribute.KeyValue{attribute.String(text, text)}})
	s.SetStatus(codes.Error, text)
	s.Lock()
	s.Finish([]trace.SpanEndOption{trace.WithTimestamp(at)}, time.Now)
	s.Unlock()
	return s
}

// spansIn returns the spans of a request.
func spansIn(t testing.TB, body []byte) []*otlptracepb.Span {
	t.Helper()
	var all []*otlptracepb.Span
	for _, rs := range decode(t, body).ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			all = append(all, ss.Spans...)
		}
	}
	return all
}

// FuzzRequest encodes spans with any text. Every request decodes, and contains all spans.
func FuzzRequest(f *testing.F) {
	f.Add("orders", 1, int64(1))
	f.Add("\xff", 2, int64(-1))
	f.Add(strings.Repeat("ä\xc3", 100), 3, int64(1<<62))
	f.Fuzz(func(t *testing.T, text string, limit int, at int64) {
		limit = limit % 200
		e := otlp.Encoder{Limits: otlp.Limits{Attributes: limit, Events: limit, Links: limit, EventAttributes: limit, LinkAttributes: limit, ValueLength: limit}, Annotated: limit%2 == 0, Indexed: []string{"list"}}
		scope := &xray.Scope{Name: text, Version: text, SchemaURL: text, Attributes: attribute.NewSet(attribute.String(text, text))}
		group := otlp.NewGroup(scope)
		group.Spans = e.AppendSpan(group.Spans, trace.SpanContext{}, &spanOf(text, time.Unix(0, at)).Data)
		group.Spans = e.AppendSpan(group.Spans, trace.SpanContext{}, &spanOf("second", time.Unix(0, at)).Data)
		resource := otlp.Resource([]attribute.KeyValue{attribute.String(text, text)})

		spans := spansIn(t, otlp.Request(resource, text, []otlp.Group{group}))
		if len(spans) != 2 || spans[1].Name != "second" {
			t.Fatalf("got %d spans, want 2", len(spans))
		}
		if want := strings.ToValidUTF8(text, "\uFFFD"); utf8.ValidString(text) && spans[0].Name != want {
			t.Fatalf("got the name %q, want %q", spans[0].Name, want)
		}
		first, rest, n := group.Cut(1, 0)
		if n != 1 || len(spansIn(t, otlp.Request(resource, "", []otlp.Group{first}))) != 1 || len(spansIn(t, otlp.Request(resource, "", []otlp.Group{rest}))) != 1 {
			t.Fatalf("got %d spans in the first part, want one in each part", n)
		}
	})
}

// FuzzAnswer reads any answer of a backend.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte{0x0a, 0x04, 0x08, 0x02, 0x12, 0x00})
	f.Fuzz(func(t *testing.T, answer []byte) {
		otlp.PartialSuccess(answer)
		otlp.Status(answer)
	})
}

func TestEncoding_OneInvalidByteLosesNoSpan(t *testing.T) {
	t.Parallel()
	e := otlp.Encoder{Limits: otlp.NoLimits}
	group := otlp.NewGroup(&xray.Scope{Name: "\xff"})
	for _, name := range []string{"a\xffb", "plain"} {
		s := spanOf(name, time.Unix(1, 0))
		group.Spans = e.AppendSpan(group.Spans, s.SpanContext(), &s.Data)
	}
	spans := spansIn(t, otlp.Request(nil, "", []otlp.Group{group}))
	if len(spans) != 2 || spans[0].Name != "a\uFFFDb" || spans[0].Status.Message != "a\uFFFDb" || spans[1].Name != "plain" {
		t.Errorf("got %v, want both spans, and a replacement character", spans)
	}
}
