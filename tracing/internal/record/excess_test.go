package record_test

import (
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// ints returns n attributes.
func ints(n int) []attribute.KeyValue {
	list := make([]attribute.KeyValue, n)
	for i := range list {
		list[i] = attribute.Int(fmt.Sprint("k", i), i)
	}
	return list
}

func wantExcess(t *testing.T, s *record.Span, want xray.Excess, sum int) {
	t.Helper()
	var got xray.Excess
	if s.Data.Excess != nil {
		got = *s.Data.Excess
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || s.Data.Dropped != sum {
		t.Errorf("got %+v and %d together, want %+v and %d", got, s.Data.Dropped, want, sum)
	}
}

func TestExcess_CountsEachKindApart(t *testing.T) {
	t.Parallel()
	s := newSpan()
	wantExcess(t, s, xray.Excess{}, 0)
	s.SetAttributes(ints(record.MaxAttributes + 2)...)
	for range record.MaxEvents + 3 {
		s.AddEvent("e")
	}
	for range record.MaxLinks + 4 {
		s.AddLink(link(1))
	}
	wantExcess(t, s, xray.Excess{Attributes: 2, Events: 3, Links: 4}, 9)
}

func TestExcess_AttributesOfEventsAndLinks(t *testing.T) {
	t.Parallel()
	s := newSpan()
	s.AddEvent("e", trace.WithAttributes(ints(record.MaxAttributes+2)...))
	s.AddLink(link(1))
	s.AddLink(link(2, ints(record.MaxAttributes+3)...))
	wantExcess(t, s, xray.Excess{OfLinks: []int{0, 3}}, 5)
	if n := s.Data.Events[0].Dropped; n != 2 {
		t.Errorf("got %d dropped attributes of the event, want 2", n)
	}
	if n := len(s.Data.Links[1].Attributes); n != record.MaxAttributes {
		t.Errorf("got %d attributes of the link, want %d", n, record.MaxAttributes)
	}
}

func TestExcess_ValuesBeyondTheBudget(t *testing.T) {
	t.Parallel()
	s := newSpan()
	big := strings.Repeat("x", xray.MaxDocument)
	for i := 0; s.Data.Dropped == 0; i++ {
		s.AddMetadata(xray.Metadata{Key: fmt.Sprint(i), JSON: []byte(big)})
	}
	wantExcess(t, s, xray.Excess{Attributes: 1}, 1)
	s.AddEvent(big)
	s.AddLink(link(1, attribute.String("k", big)))
	wantExcess(t, s, xray.Excess{Attributes: 1, Events: 1, Links: 1}, 3)
}

func TestInit_RemoteParent(t *testing.T) {
	t.Parallel()
	for _, remote := range []bool{false, true} {
		s := new(record.Span)
		parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{3}, Remote: remote})
		s.Init(trace.TraceID{1}, trace.SpanID{2}, parent, "name", trace.SpanKindServer, began)
		if s.Data.Remote != remote {
			t.Errorf("got a remote parent: %v, want %v", s.Data.Remote, remote)
		}
	}
}
