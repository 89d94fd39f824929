package interop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlptracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	status "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// encoded returns the message of a span.
func encoded(t *testing.T, e *otlp.Encoder, change func(*record.Span)) *otlptracepb.Span {
	t.Helper()
	s := new(record.Span)
	s.Init(trace.TraceID{1}, trace.SpanID{2}, trace.SpanContext{}, "name", trace.SpanKindServer, time.Unix(1, 0))
	change(s)
	group := otlp.NewGroup(&xray.Scope{Name: "lib"})
	group.Spans = e.AppendSpan(nil, s.SpanContext(), &s.Data)
	return spansIn(t, otlp.Request(nil, "", []otlp.Group{group}))[0]
}

// values returns the attributes of a span as text.
func values(s *otlptracepb.Span) string {
	var all []string
	for _, a := range s.Attributes {
		text := a.Value.GetStringValue()
		if list := a.Value.GetArrayValue(); list != nil {
			for _, v := range list.Values {
				text += v.GetStringValue() + "+"
			}
		}
		all = append(all, a.Key+"="+text)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestEncoding_AnnotationsAndMetadataAreAttributes(t *testing.T) {
	t.Parallel()
	change := func(s *record.Span) {
		s.SetAttributes(attribute.String("both", "attribute"), attribute.String("a", "1"), attribute.StringSlice("aws.xray.annotations", []string{"a"}))
		s.Annotate(attribute.String("both", "annotation"))
		s.AddMetadata(xray.Metadata{Namespace: "shop", Key: "both", JSON: []byte(`0`)})
		s.AddMetadata(xray.Metadata{Namespace: "shop", Key: "own", JSON: []byte(`[1]`)})
		s.AddMetadata(xray.Metadata{Namespace: "other", Key: "own", JSON: []byte(`{}`)})
	}
	s := encoded(t, &otlp.Encoder{Limits: otlp.NoLimits, Namespace: "shop"}, change)
	if got, want := values(s), "a=1 aws.xray.annotations=a+ both=annotation other.own={} own=[1]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s = encoded(t, &otlp.Encoder{Limits: otlp.NoLimits, Namespace: "shop", Annotated: true}, change)
	if got, want := values(s), "a=1 aws.xray.annotations=both+a+ both=annotation other.own={} own=[1]"; got != want {
		t.Errorf("for X-Ray: got %s, want %s", got, want)
	}
}

func TestEncoding_Limits(t *testing.T) {
	t.Parallel()
	e := &otlp.Encoder{Limits: otlp.Limits{Attributes: 2, Events: 1, Links: 1, EventAttributes: 1, LinkAttributes: 1, ValueLength: 2}}
	two := []attribute.KeyValue{attribute.String("a", "äöü"), attribute.StringSlice("b", []string{"äöü"})}
	s := encoded(t, e, func(s *record.Span) {
		s.Annotate(attribute.String("first", "x"))
		s.SetAttributes(two...)
		for i := range 3 {
			s.AddEvent(fmt.Sprint("e", i), trace.WithAttributes(two...))
			s.AddLink(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{byte(i + 1)}}), Attributes: two})
		}
	})
	if got, want := values(s), "a=äö first=x"; got != want || s.DroppedAttributesCount != 1 {
		t.Errorf("got %s and %d dropped, want %s and 1", got, s.DroppedAttributesCount, want)
	}
	if len(s.Events) != 1 || s.Events[0].Name != "e2" || s.DroppedEventsCount != 2 || len(s.Events[0].Attributes) != 1 || s.Events[0].DroppedAttributesCount != 1 {
		t.Errorf("got %v and %d dropped events, want the newest one with one attribute, and 2", s.Events, s.DroppedEventsCount)
	}
	if len(s.Links) != 1 || s.Links[0].TraceId[0] != 1 || s.DroppedLinksCount != 2 || len(s.Links[0].Attributes) != 1 || s.Links[0].DroppedAttributesCount != 1 {
		t.Errorf("got %v and %d dropped links, want the first one with one attribute, and 2", s.Links, s.DroppedLinksCount)
	}
}

// A span keeps the first 128 links, the SDK the last ones. Both count the others.
func TestEncoding_LinksBeyondTheLimit(t *testing.T) {
	t.Parallel()
	s := encoded(t, &otlp.Encoder{Limits: otlp.NoLimits}, func(s *record.Span) {
		for range record.MaxLinks + 3 {
			s.AddLink(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}})})
		}
	})
	if len(s.Links) != record.MaxLinks || s.DroppedLinksCount != 3 {
		t.Errorf("got %d links and %d dropped, want %d and 3", len(s.Links), s.DroppedLinksCount, record.MaxLinks)
	}
}

// Decoders of other languages accept 100 nested messages.
func TestEncoding_DeepValuesBecomeText(t *testing.T) {
	t.Parallel()
	v := attribute.StringValue("deep")
	for range 60 {
		v = attribute.MapValue(attribute.KeyValue{Key: "k", Value: v})
	}
	group := otlp.NewGroup(&xray.Scope{})
	s := new(record.Span)
	s.Init(trace.TraceID{1}, trace.SpanID{2}, trace.SpanContext{}, "name", trace.SpanKindServer, time.Unix(1, 0))
	s.SetAttributes(attribute.KeyValue{Key: "k", Value: v})
	e := otlp.Encoder{Limits: otlp.NoLimits}
	group.Spans = e.AppendSpan(nil, s.SpanContext(), &s.Data)
	body := otlp.Request(nil, "", []otlp.Group{group})
	if err := (proto.UnmarshalOptions{RecursionLimit: 100}).Unmarshal(body, new(collector.ExportTraceServiceRequest)); err != nil {
		t.Error(err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	answer, _ := proto.Marshal(&collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 3, ErrorMessage: "too old"}})
	if n, text := otlp.PartialSuccess(answer); n != 3 || text != "too old" {
		t.Errorf("got %d and %q, want 3 and too old", n, text)
	}
	answer, _ = proto.Marshal(&status.Status{Code: 3, Message: "no key"})
	if text := otlp.Status(answer); text != "no key" {
		t.Errorf("got %q, want no key", text)
	}
}
