package record_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

const large = 60_000 // bytes of a value

var text = strings.Repeat("x", large)

// spans returns n spans that share one budget.
func spans(n int) (*record.Budget, []*record.Span) {
	budget := new(record.Budget)
	all := make([]*record.Span, n)
	for i := range all {
		all[i] = newSpan()
		all[i].Budget = budget
	}
	return budget, all
}

// fill uses up the budget.
func fill(budget *record.Budget, s *record.Span) {
	value := text
	for i := range record.MaxAttributes {
		if s.SetAttributes(attribute.String(fmt.Sprint(i), value)); budget.Dropped() > 0 {
			value = text[:5000]
		}
	}
}

// Each kind of value counts towards the budget.
func TestBudget_BoundsTheBytesOfAllSpans(t *testing.T) {
	t.Parallel()
	strs := []string{text[:large/2], text[:large/2]}
	numbers := make([]int64, large/8)
	for name, add := range map[string]func(s *record.Span, key string){
		"attributes":     func(s *record.Span, key string) { s.SetAttributes(attribute.String(key, text)) },
		"keys":           func(s *record.Span, key string) { s.SetAttributes(attribute.Int(key+text, 1)) },
		"lists of texts": func(s *record.Span, key string) { s.SetAttributes(attribute.StringSlice(key, strs)) },
		"lists of short texts": func(s *record.Span, key string) {
			s.SetAttributes(attribute.StringSlice(key, make([]string, large/16)))
		},
		"lists of numbers": func(s *record.Span, key string) { s.SetAttributes(attribute.Int64Slice(key, numbers)) },
		"lists of fractions": func(s *record.Span, key string) {
			s.SetAttributes(attribute.Float64Slice(key, make([]float64, large/8)))
		},
		"lists of booleans": func(s *record.Span, key string) { s.SetAttributes(attribute.BoolSlice(key, make([]bool, large))) },
		"bytes": func(s *record.Span, key string) {
			s.SetAttributes(attribute.KeyValue{Key: attribute.Key(key), Value: attribute.ByteSliceValue([]byte(text))})
		},
		"lists": func(s *record.Span, key string) {
			s.SetAttributes(attribute.KeyValue{Key: attribute.Key(key), Value: attribute.SliceValue(attribute.StringValue(text))})
		},
		"maps": func(s *record.Span, key string) {
			s.SetAttributes(attribute.KeyValue{Key: attribute.Key(key), Value: attribute.MapValue(attribute.String("k", text))})
		},
		"annotations": func(s *record.Span, key string) { s.Annotate(attribute.String(key, text)) },
		"metadata":    func(s *record.Span, key string) { s.AddMetadata(xray.Metadata{Key: key, JSON: []byte(text)}) },
		"keys of metadata": func(s *record.Span, key string) {
			s.AddMetadata(xray.Metadata{Key: key + text, JSON: []byte(`1`)})
		},
		"namespaces": func(s *record.Span, key string) {
			s.AddMetadata(xray.Metadata{Namespace: key + text, Key: key, JSON: []byte(`1`)})
		},
		"events":          func(s *record.Span, key string) { s.AddEvent(text) },
		"those of events": func(s *record.Span, key string) { s.AddEvent("e", trace.WithAttributes(attribute.String(key, text))) },
		"links":           func(s *record.Span, key string) { s.AddLink(link(1, attribute.String(key, text))) },
		"exceptions": func(s *record.Span, key string) {
			s.AddExceptions([]xray.Exception{{Type: "t", Message: "m", Stack: text}})
		},
	} {
		const each = 20
		budget, all := spans(10) // with 12 MB in total
		for _, s := range all {
			for i := range each {
				add(s, fmt.Sprint("k", i))
			}
		}
		kept, dropped := 0, 0
		for _, s := range all {
			kept += len(s.Data.Attributes) + len(s.Data.Annotations) + len(s.Data.Metadata) + len(s.Data.Events) + len(s.Data.Links)
			dropped += s.Data.Dropped
		}
		if most := record.MaxHeld/large + 1; kept > most || kept < most*2/3 {
			t.Errorf("%s: got %d values, want about %d", name, kept, most)
		}
		if kept+dropped != each*len(all) || budget.Dropped() != dropped {
			t.Errorf("%s: got %d dropped and %d by the budget, want %d", name, dropped, budget.Dropped(), each*len(all)-kept)
		}
	}
}

// MaxHeld and the first 4 KB, which are free.
func TestSpan_HoldsExactlyItsBytes(t *testing.T) {
	t.Parallel()
	const most = record.MaxHeld + 4<<10
	for name, budget := range map[string]*record.Budget{"no budget": nil, "a budget": new(record.Budget)} {
		for _, c := range []struct{ bytes, dropped int }{{most, 0}, {most + 1, 1}} {
			s := newSpan()
			s.Budget = budget
			s.SetAttributes(attribute.KeyValue{Key: "k", Value: attribute.ByteSliceValue(make([]byte, c.bytes-len("k")))})
			if s.Data.Dropped != c.dropped {
				t.Errorf("%s, %d bytes: got %d dropped, want %d", name, c.bytes, s.Data.Dropped, c.dropped)
			}
			finish(s)
		}
	}
}

func TestBudget_ComesBackWhenASpanEnds(t *testing.T) {
	t.Parallel()
	budget, all := spans(1000)
	for _, s := range all { // 60 MB in total, but the spans end one after the other
		s.SetAttributes(attribute.String("a", text))
		finish(s)
	}
	if got := budget.Dropped(); got != 0 {
		t.Errorf("got %d dropped, want none", got)
	}
}

func TestBudget_ReplacedValuesCountOnce(t *testing.T) {
	t.Parallel()
	budget, all := spans(1)
	for range 2 * record.MaxHeld / large {
		all[0].SetAttributes(attribute.String("a", text))
		all[0].Annotate(attribute.String("a", text))
		all[0].AddMetadata(xray.Metadata{Key: "a", JSON: []byte(text)})
		all[0].SetStatus(codes.Error, text)
	}
	for range record.MaxEvents {
		all[0].AddEvent("e")
	}
	for range 2 * record.MaxHeld / 10_000 { // the span keeps at most 128 of them
		all[0].AddEvent(text[:10_000])
	}
	if got := budget.Dropped(); got != 0 {
		t.Errorf("got %d dropped, want none", got)
	}
}

func TestBudget_KeepsTheValueThatCannotBeReplaced(t *testing.T) {
	t.Parallel()
	budget, all := spans(2)
	all[1].SetAttributes(attribute.String("a", "old"))
	all[1].AddMetadata(xray.Metadata{Key: "a", JSON: []byte(`"old"`)})
	fill(budget, all[0])
	all[1].SetAttributes(attribute.String("a", text))
	all[1].AddMetadata(xray.Metadata{Key: "a", JSON: []byte(text)})
	all[1].SetStatus(codes.Error, text)
	d := &all[1].Data
	if got := fmt.Sprintf("%.10s %.10s %v %d %d", d.Attributes[0].Value.AsString(), d.Metadata[0].JSON, d.Status, len(d.Description), d.Dropped); got != `old "old" Error 0 3` {
		t.Errorf("got %s, want the old values, an error without its text, and 3 dropped", got)
	}
}

func TestBudget_SmallSpansNeedNone(t *testing.T) {
	t.Parallel()
	budget, all := spans(2)
	fill(budget, all[0])
	for i := range 100 {
		all[1].SetAttributes(attribute.String(fmt.Sprint(i), "a short value"))
	}
	if all[1].RecordError(errors.New("x")); all[1].Data.Dropped != 0 {
		t.Errorf("got %d dropped, want none", all[1].Data.Dropped)
	}
}

func TestBudget_WhatHasNoRoomTakesNone(t *testing.T) {
	t.Parallel()
	budget, all := spans(2)
	for i := range record.MaxHeld/large - 1 {
		all[0].SetAttributes(attribute.String(fmt.Sprint(i), text))
	}
	for range 100 {
		all[0].AddExceptions([]xray.Exception{{Stack: strings.Repeat(text, 3)}})
	}
	if all[1].SetAttributes(attribute.String("a", text)); budget.Dropped() != 100 || len(all[1].Data.Attributes) != 1 {
		t.Errorf("got %d dropped and %d attributes, want 100 and 1", budget.Dropped(), len(all[1].Data.Attributes))
	}
}

func TestSpanWithoutBudget_IsBoundedAlone(t *testing.T) {
	t.Parallel()
	s := newSpan()
	for i := range record.MaxAttributes {
		s.SetAttributes(attribute.String(fmt.Sprint(i), text))
	}
	if got, most := len(s.Data.Attributes), record.MaxHeld/large+1; got > most || got < most-2 || s.Data.Dropped != record.MaxAttributes-got {
		t.Errorf("got %d attributes and %d dropped, want about %d", got, s.Data.Dropped, most)
	}
	finish(s)
}

func TestSpan_KeepsOnlyWhatADocumentCouldHold(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1<<20)
	s := newSpan()
	s.SetName(long)
	s.SetStatus(codes.Error, long)
	s.SetAttributes(attribute.String("a", long))
	s.Annotate(attribute.String("a", long))
	s.AddMetadata(xray.Metadata{Key: "a", JSON: []byte(long)})
	for name, got := range map[string]string{
		"name": s.Data.Name, "description": s.Data.Description, "attribute": s.Data.Attributes[0].Value.AsString(), "annotation": s.Data.Annotations[0].Value.AsString(),
	} {
		if n := len(got); n > xray.MaxDocument || n < xray.MaxDocument-2 || !utf8.ValidString(got) {
			t.Errorf("%s: got %d bytes, want up to %d of whole characters", name, n, xray.MaxDocument)
		}
	}
	if unsafe.StringData(s.Data.Name) == unsafe.StringData(long) {
		t.Error("got the whole text in memory, want a copy of its beginning")
	}
	if got := cap(s.Data.Metadata[0].JSON); got > 2*xray.MaxDocument || len(s.Data.Metadata[0].JSON) != xray.MaxDocument {
		t.Errorf("metadata: got %d bytes in %d, want %d", len(s.Data.Metadata[0].JSON), got, xray.MaxDocument)
	}
	whole := strings.Repeat("x", xray.MaxDocument)
	if s.SetAttributes(attribute.String("b", whole)); s.Data.Attributes[1].Value.AsString() != whole {
		t.Error("got a cut value of MaxDocument bytes, want it whole")
	}
}

func TestSpan_ValuesThatAreNestedTooDeepAreDropped(t *testing.T) {
	t.Parallel()
	list, object := attribute.IntValue(1), attribute.IntValue(1)
	for range 1_000 {
		list, object = attribute.SliceValue(list), attribute.MapValue(attribute.KeyValue{Key: "a", Value: object})
	}
	s := newSpan()
	s.SetAttributes(attribute.KeyValue{Key: "list", Value: list}, attribute.KeyValue{Key: "map", Value: object}, attribute.Int("n", 1))
	if len(s.Data.Attributes) != 1 || s.Data.Dropped != 2 {
		t.Errorf("got %d attributes and %d dropped, want 1 and 2", len(s.Data.Attributes), s.Data.Dropped)
	}
}

func TestSpan_DeepestValues(t *testing.T) {
	t.Parallel()
	const deepest = 64
	for levels, kept := range map[int]int{deepest: 2, deepest + 1: 0} {
		list, object := attribute.IntValue(1), attribute.IntValue(1)
		for range levels {
			list, object = attribute.SliceValue(list), attribute.MapValue(attribute.KeyValue{Key: "a", Value: object})
		}
		s := newSpan()
		s.SetAttributes(attribute.KeyValue{Key: "list", Value: list}, attribute.KeyValue{Key: "map", Value: object})
		if len(s.Data.Attributes) != kept {
			t.Errorf("%d levels: got %d attributes, want %d", levels, len(s.Data.Attributes), kept)
		}
	}
}

func TestSetAttributes_AllocatesNothingForScalars(t *testing.T) {
	s := newSpan()
	attrs := []attribute.KeyValue{attribute.Int("a", 1), attribute.String("b", "x")}
	s.SetAttributes(attrs...)
	if got := testing.AllocsPerRun(100, func() { s.SetAttributes(attrs...) }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}
