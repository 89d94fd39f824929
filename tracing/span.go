package tracing

import (
	"encoding/hex"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// span is a recorded span that is sent to X-Ray.
type span struct {
	record.Span
	scope *scope
	ids   idCache
	shown bool // sent as in progress; guarded by the lock of record.Span

	prev, next *span // list of open spans; guarded by scope.mu
}

// TracerProvider implements trace.Span.
func (s *span) TracerProvider() trace.TracerProvider { return &s.scope.provider.own }

// End implements trace.Span.
func (s *span) End(opts ...trace.SpanEndOption) {
	if !s.Lock() {
		return
	}
	s.Finish(opts, s.scope.provider.now)
	s.scope.closed(s)
	if s.scope.exported() {
		defer s.Unlock()
		s.scope.provider.pipeline.Add(s.SpanContext(), &s.Data)
		return
	}
	s.send(&s.scope.waits)
}

// show sends the span as in progress. A second call does nothing.
func (s *span) show(b *xray.WaitBudget) {
	if !s.Lock() {
		return
	}
	if s.shown {
		s.Unlock()
		return
	}
	s.shown = true
	s.send(b)
}

// showEarly sends the span as in progress without waiting. A later show sends it again.
func (s *span) showEarly() {
	if s.Lock() {
		s.send(nil)
	}
}

// send sends a locked span and unlocks it. The lock keeps the order of documents: the final one
// is sent after those in progress.
func (s *span) send(b *xray.WaitBudget) {
	scope := s.scope
	d := scope.provider.daemon
	result := d.Send(&s.Data, xray.SendOptions{Capture: scope.environment.Traces, Budget: b, Must: scope.handler == s})
	name := s.Data.Name
	if spans := scope.environment.Spans; spans != nil {
		spans(plain(s.SpanContext(), &s.Data))
	}
	s.Unlock()
	d.Report(name, result)
	scope.sent(result)
}

// unrecorded replaces all spans of a trace that is not recorded.
type unrecorded struct {
	record.Unrecorded
	scope *scope
	ids   idCache
}

// TracerProvider implements trace.Span.
func (s *unrecorded) TracerProvider() trace.TracerProvider { return &s.scope.provider.own }

// ids holds the trace id and the span id as hexadecimal text.
type ids struct{ trace, span string }

// idCache caches the ids of a span after the first use.
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

// leftOut replaces a span that was dropped because of maxOpenSpans. Its context is the parent's, so
// its children become children of the parent.
type leftOut struct {
	record.Unrecorded
	scope *scope
}

// TracerProvider implements trace.Span.
func (s *leftOut) TracerProvider() trace.TracerProvider { return &s.scope.provider.own }
