package record_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

var began = time.Unix(1_700_000_000, 0)

func newSpan() *record.Span {
	s := new(record.Span)
	s.Init(trace.TraceID{1}, trace.SpanID{2}, trace.SpanContext{}, "name", trace.SpanKindClient, began)
	return s
}

func finish(s *record.Span, opts ...trace.SpanEndOption) {
	s.Lock()
	s.Finish(opts, func() time.Time { return began.Add(time.Second) })
	s.Unlock()
}

func link(n byte, attrs ...attribute.KeyValue) trace.Link {
	return trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{n}, SpanID: trace.SpanID{n}}), Attributes: attrs}
}

func TestInit_BeginsASampledSpanBelowItsParent(t *testing.T) {
	t.Parallel()
	state, _ := trace.ParseTraceState("a=b")
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{3}, TraceState: state})
	s := new(record.Span)
	s.Init(trace.TraceID{1}, trace.SpanID{2}, parent, "name", trace.SpanKind(99), began)
	sc := s.SpanContext()
	if !sc.IsSampled() || sc.IsRemote() || sc.TraceID() != parent.TraceID() || sc.SpanID() != (trace.SpanID{2}) || sc.TraceState().String() != "a=b" {
		t.Errorf("got %+v, want a sampled span of the parent's trace", sc)
	}
	if s.Data.Parent != parent.SpanID() || s.Data.Name != "name" || s.Data.Kind != trace.SpanKindInternal || !s.Data.Start.Equal(began) {
		t.Errorf("got %+v, want the parent, the name, the kind internal and the start", s.Data)
	}
}

// A span keeps a limited number of values of each kind, and counts the others.
func TestSpan_NumberOfValuesIsBounded(t *testing.T) {
	t.Parallel()
	key := func(i int) string { return fmt.Sprint("k", i) }
	for name, c := range map[string]struct {
		add  func(s *record.Span, i int)
		kept func(s *record.Span) int
		most int
	}{
		"attributes":  {func(s *record.Span, i int) { s.SetAttributes(attribute.Int(key(i), i)) }, func(s *record.Span) int { return len(s.Data.Attributes) }, record.MaxAttributes},
		"annotations": {func(s *record.Span, i int) { s.Annotate(attribute.Int(key(i), i)) }, func(s *record.Span) int { return len(s.Data.Annotations) }, 128},
		"metadata":    {func(s *record.Span, i int) { s.AddMetadata(xray.Metadata{Key: key(i), JSON: []byte(`1`)}) }, func(s *record.Span) int { return len(s.Data.Metadata) }, 128},
		"events":      {func(s *record.Span, i int) { s.AddEvent(key(i)) }, func(s *record.Span) int { return len(s.Data.Events) }, record.MaxEvents},
		"errors":      {func(s *record.Span, i int) { s.RecordError(errors.New(key(i))) }, func(s *record.Span) int { return len(s.Data.Events) }, record.MaxEvents},
		"links":       {func(s *record.Span, i int) { s.AddLink(link(byte(i%100) + 1)) }, func(s *record.Span) int { return len(s.Data.Links) }, record.MaxLinks},
	} {
		s := newSpan()
		for i := range c.most {
			c.add(s, i)
		}
		if got := c.kept(s); got != c.most || s.Data.Dropped != 0 {
			t.Errorf("%s: got %d and %d dropped, want %d and none", name, got, s.Data.Dropped, c.most)
		}
		for i := range 3 {
			c.add(s, c.most+i)
		}
		if got := c.kept(s); got != c.most || s.Data.Dropped != 3 {
			t.Errorf("%s: got %d and %d dropped, want %d and 3", name, got, s.Data.Dropped, c.most)
		}
	}
}

func TestSpan_KeepsTheNewestEventsAndTheFirstAttributesOfEach(t *testing.T) {
	t.Parallel()
	s := newSpan()
	for i := range record.MaxEvents + 2 {
		s.AddEvent(fmt.Sprint(i))
	}
	if first, last := s.Data.Events[0].Name, s.Data.Events[record.MaxEvents-1].Name; first != "2" || last != "129" {
		t.Errorf("got events %s to %s, want 2 to 129", first, last)
	}
	s = newSpan()
	s.AddEvent("e", trace.WithAttributes(make([]attribute.KeyValue, record.MaxAttributes+5)...))
	if got := len(s.Data.Events[0].Attributes); got != record.MaxAttributes || s.Data.Dropped != 5 {
		t.Errorf("got %d attributes and %d dropped, want %d and 5", got, s.Data.Dropped, record.MaxAttributes)
	}
}

func TestSpan_ValueOfAKnownKeyIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSpan()
	for i := range 2 {
		s.SetAttributes(attribute.Int("a", i))
		s.Annotate(attribute.Int("a", i))
		s.AddMetadata(xray.Metadata{Namespace: "n", Key: "a", JSON: fmt.Append(nil, i)})
	}
	s.AddMetadata(xray.Metadata{Namespace: "other", Key: "a", JSON: []byte(`2`)})
	got := fmt.Sprint(s.Data.Attributes[0].Value.AsInt64(), len(s.Data.Attributes), s.Data.Annotations[0].Value.AsInt64(), len(s.Data.Annotations), " ", string(s.Data.Metadata[0].JSON), " ", len(s.Data.Metadata))
	if want := "1 1 1 1 1 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSpan_InvalidValuesAreLeftOut(t *testing.T) {
	t.Parallel()
	s := newSpan()
	s.SetAttributes(attribute.KeyValue{}, attribute.Int("a", 1))
	s.AddLink(trace.Link{})
	s.RecordError(nil)
	if len(s.Data.Attributes) != 1 || s.Data.Dropped != 1 || len(s.Data.Links) != 0 || len(s.Data.Events) != 0 {
		t.Errorf("got %+v, want one attribute, one dropped, no link and no event", s.Data)
	}
}

func TestSetStatus_NothingOverridesOk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		calls string // e: Error, o: Ok, u: Unset
		want  string
	}{
		{"e", "Error d"}, {"o", "Ok "}, {"u", "Unset "}, {"eu", "Error d"}, {"eo", "Ok "}, {"oe", "Ok "}, {"oeu", "Ok "}, {"oo", "Ok "},
	} {
		s := newSpan()
		for _, call := range c.calls {
			s.SetStatus(map[rune]codes.Code{'e': codes.Error, 'o': codes.Ok, 'u': codes.Unset}[call], "d")
		}
		if got := fmt.Sprint(s.Data.Status, " ", s.Data.Description); got != c.want {
			t.Errorf("%s: got %q, want %q", c.calls, got, c.want)
		}
	}
}

func TestFinish_NothingChangesAfterwards(t *testing.T) {
	t.Parallel()
	s := newSpan()
	if !s.IsRecording() {
		t.Error("got a span that does not record, want one that does")
	}
	finish(s)
	if s.IsRecording() || s.Lock() {
		t.Error("got a span that records after its end, want one that does not")
	}
	s.SetName("other")
	s.SetStatus(codes.Error, "d")
	s.SetAttributes(attribute.Int("a", 1))
	s.Annotate(attribute.Int("a", 1))
	s.AddMetadata(xray.Metadata{Key: "a"})
	s.AddEvent("e")
	s.RecordError(errors.New("x"))
	s.AddExceptions([]xray.Exception{{}})
	s.AddLink(link(1))
	d := &s.Data
	if d.Name != "name" || d.Status != codes.Unset || len(d.Attributes)+len(d.Annotations)+len(d.Metadata)+len(d.Events)+len(d.Links) != 0 {
		t.Errorf("got %+v, want the span as it ended", d)
	}
}

func TestFinish_EndIsNotBeforeTheStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts []trace.SpanEndOption
		want time.Time
	}{
		"now":    {nil, began.Add(time.Second)},
		"given":  {[]trace.SpanEndOption{trace.WithTimestamp(began.Add(time.Minute))}, began.Add(time.Minute)},
		"zero":   {[]trace.SpanEndOption{trace.WithTimestamp(time.Time{})}, began.Add(time.Second)},
		"before": {[]trace.SpanEndOption{trace.WithTimestamp(began.Add(-1))}, began},
	} {
		s := newSpan()
		finish(s, c.opts...)
		if !s.Data.End.Equal(c.want) {
			t.Errorf("%s: got %v, want %v", name, s.Data.End, c.want)
		}
	}
}

type withStack struct{ error }

func (withStack) Stack() string { return "main.own()\n\t/own.go:1" }

func TestRecordError_StackIsTheErrorsOwnOrAskedFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		opts []trace.EventOption
		want string // text in the stack; empty: no stack
	}{
		"none":      {errors.New("x"), nil, ""},
		"asked for": {errors.New("x"), []trace.EventOption{trace.WithStackTrace(true)}, "record_test.TestRecordError"},
		"own":       {withStack{errors.New("x")}, nil, "/own.go"},
	} {
		s := newSpan()
		s.RecordError(c.err, c.opts...)
		stack := s.Data.Events[0].Exceptions[0].Stack
		if !strings.Contains(stack, c.want) || c.want == "" && stack != "" {
			t.Errorf("%s: got %q, want %q in it", name, stack, c.want)
		}
	}
}

func TestEvents_HaveTheirTimeAndAttributes(t *testing.T) {
	t.Parallel()
	s := newSpan()
	at := began.Add(time.Minute)
	s.AddEvent("e", trace.WithTimestamp(at))
	s.RecordError(errors.New("x"), trace.WithTimestamp(at), trace.WithAttributes(attribute.Int("tries", 3)))
	if a := s.Data.Events[1].Attributes; len(a) != 1 || a[0].Key != "tries" {
		t.Errorf("got the attributes %v of the error, want tries", a)
	}
	before := time.Now()
	s.AddEvent("e")
	s.RecordError(errors.New("x"))
	s.AddExceptions([]xray.Exception{{}})
	for i, ev := range s.Data.Events {
		if i < 2 && !ev.Time.Equal(at) || i >= 2 && ev.Time.Before(before) {
			t.Errorf("event %d: got the time %v, want %v, or now from the third on", i, ev.Time, at)
		}
	}
}

func TestUnrecorded_PassesItsContextOn(t *testing.T) {
	t.Parallel()
	sc := link(1).SpanContext
	s := &record.Unrecorded{Context: sc}
	if !s.SpanContext().Equal(sc) || s.IsRecording() {
		t.Errorf("got %v, recording %v, want the context and no recording", s.SpanContext(), s.IsRecording())
	}
}

func TestSpan_ConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newSpan()
	done := make(chan struct{})
	for g := range 4 {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range 100 {
				s.SetAttributes(attribute.Int(fmt.Sprint(g, i%10), i))
				s.AddEvent("e")
				s.IsRecording()
			}
		}()
	}
	for range 4 {
		<-done
	}
	if got := len(s.Data.Attributes); got != 40 {
		t.Errorf("got %d attributes, want 40", got)
	}
}
