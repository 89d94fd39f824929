package record

import (
	"reflect"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

const (
	// MaxHeld is how many bytes of attributes, events, links and metadata the open spans of an
	// invocation hold together.
	MaxHeld = 4 << 20

	// chunk is how many bytes a span takes from the budget at a time. The first chunk of each
	// span is free, so that most spans never touch the budget.
	chunk = 4 << 10
)

// Budget counts the bytes that the open spans of an invocation hold.
type Budget struct{ held, dropped atomic.Int64 }

// Dropped returns how many values the spans dropped since the budget was used up.
func (b *Budget) Dropped() int { return int(b.dropped.Load()) }

func (b *Budget) take(n int32) bool {
	if b.held.Add(int64(n)) <= MaxHeld {
		return true
	}
	b.held.Add(-int64(n))
	return false
}

// room reports whether the span, which is locked, may hold n bytes more. n may be negative. If it
// returns false, the caller counts the dropped value. It is not inlined: inlining would make
// programs larger.
//
//go:noinline
func (s *Span) room(n int) bool {
	size := int32(min(n, 2*MaxHeld)) // more than the span ever holds
	s.held += size
	need := s.held - chunk - s.granted
	if need <= 0 {
		return true
	}
	need = (need + chunk - 1) / chunk * chunk
	switch {
	case s.Budget == nil && s.granted+need <= MaxHeld:
	case s.Budget != nil && s.Budget.take(need):
	default:
		s.held -= size
		if s.Budget != nil {
			s.Budget.dropped.Add(1)
		}
		return false
	}
	s.granted += need
	return true
}

// release returns the span's bytes to the budget.
func (s *Span) release() {
	if s.Budget != nil {
		s.Budget.held.Add(-int64(s.granted))
	}
}

// maxDepth is how deep values may be nested. A document has fewer levels.
const maxDepth = 64

// size estimates the bytes that a value holds. If the value is nested too deep, size returns
// more than a span may hold.
func size(v attribute.Value) int { return sizeAt(v, 0) }

func sizeAt(v attribute.Value, depth int) int {
	const scalar = 8
	if depth > maxDepth {
		return 2 * MaxHeld
	}
	switch v.Type() {
	case attribute.STRING:
		return len(v.AsString())
	case attribute.STRINGSLICE:
		n := 0
		for _, s := range v.AsStringSlice() {
			n += len(s) + 2*scalar
		}
		return n
	case attribute.BOOLSLICE, attribute.INT64SLICE, attribute.FLOAT64SLICE, attribute.BYTESLICE:
		list := reflect.ValueOf(v.AsInterface())
		return list.Len() * int(list.Type().Elem().Size())
	case attribute.SLICE:
		n := 0
		for _, v := range v.AsSlice() {
			n += scalar + sizeAt(v, depth+1)
		}
		return n
	case attribute.MAP:
		return sizes(v.AsMap(), depth+1)
	}
	return scalar
}

func sizes(list []attribute.KeyValue, depth int) int {
	n := 0
	for i := range list {
		n += len(list[i].Key) + sizeAt(list[i].Value, depth)
	}
	return n
}

func eventSize(ev *xray.Event) int {
	n := len(ev.Name) + sizes(ev.Attributes, 0)
	for i := range ev.Exceptions {
		x := &ev.Exceptions[i]
		n += len(x.Type) + len(x.Message) + len(x.Stack)
	}
	return n
}
