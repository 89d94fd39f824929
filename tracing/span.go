package tracing

import (
	"encoding/hex"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
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
	s.Finish(opts, s.scope.tracer.now)
	s.scope.closed(s)
	s.send(&s.scope.patience)
}

// show sends the span as one in progress, once.
func (s *span) show(p *xray.Patience) {
	if !s.Lock() {
		return
	}
	if s.shown {
		s.Unlock()
		return
	}
	s.shown = true
	s.send(p)
}

// showEarly is show without a wait. It leaves it to show to do that again.
func (s *span) showEarly() {
	if s.Lock() {
		s.send(nil)
	}
}

// send sends a span that is locked, so that the last document comes after the one in
// progress, and unlocks it.
func (s *span) send(p *xray.Patience) {
	scope := s.scope
	d := scope.tracer.daemon
	trouble := d.Send(&s.Data, xray.Way{Capture: scope.capture, Patience: p, Must: scope.handler == s})
	name := s.Data.Name
	s.Unlock()
	d.Report(name, trouble)
	scope.sent(trouble)
}

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

// leftOut stands for a span beyond those that may be open. Spans below it are below the span
// around it.
type leftOut struct {
	record.Unrecorded
	scope *scope
}

// TracerProvider implements trace.Span.
func (s *leftOut) TracerProvider() trace.TracerProvider { return &s.scope.tracer.own }
