package tracing

import (
	"encoding/hex"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
)

// span is a trace.Span of the own provider.
type span struct {
	record.Span
	scope *scope
	ids   idCache
	shown bool // as in progress; guarded by the lock of record.Span

	prev, next *span // that are open; guarded by scope.mu
}

// TracerProvider implements trace.Span.
func (s *span) TracerProvider() trace.TracerProvider { return &s.scope.tracer.own }

// End implements trace.Span.
func (s *span) End(opts ...trace.SpanEndOption) {
	if !s.Lock() {
		return
	}
	// Nobody changes the span any more, but its document may be on its way as one in
	// progress; the last one has to come after it.
	defer s.Unlock()
	s.Finish(opts, s.scope.tracer.now)
	s.scope.closed(s)
	s.send()
}

// show sends the span as one in progress, once.
func (s *span) show() {
	if !s.Lock() {
		return
	}
	defer s.Unlock()
	if !s.shown {
		s.shown = true
		s.send()
	}
}

func (s *span) send() { s.scope.tracer.daemon.Send(&s.Data, s.scope.capture) }

// unrecorded stands for all spans of a trace that is not recorded.
type unrecorded struct {
	record.Unrecorded
	scope *scope
	ids   idCache
}

// TracerProvider implements trace.Span.
func (s *unrecorded) TracerProvider() trace.TracerProvider { return &s.scope.tracer.own }

// ids are the ids of a span as text.
type ids struct{ trace, span string }

// idCache keeps them once somebody has asked.
type idCache struct{ p atomic.Pointer[ids] }

func (c *idCache) text(sc trace.SpanContext) *ids {
	if x := c.p.Load(); x != nil {
		return x
	}
	x := textOf(sc)
	c.p.Store(x)
	return x
}

func textOf(sc trace.SpanContext) *ids {
	id, own := sc.TraceID(), sc.SpanID()
	return &ids{hex.EncodeToString(id[:]), hex.EncodeToString(own[:])}
}
