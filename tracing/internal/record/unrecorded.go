package record

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// Unrecorded is a span that records nothing and passes a SpanContext on. It implements
// trace.Span except TracerProvider.
type Unrecorded struct {
	embedded.Span
	Context trace.SpanContext
}

// SpanContext implements trace.Span.
func (s *Unrecorded) SpanContext() trace.SpanContext { return s.Context }

// The rest of trace.Span does nothing.

func (*Unrecorded) IsRecording() bool                       { return false }
func (*Unrecorded) SetName(string)                          {}
func (*Unrecorded) SetStatus(codes.Code, string)            {}
func (*Unrecorded) SetAttributes(...attribute.KeyValue)     {}
func (*Unrecorded) AddEvent(string, ...trace.EventOption)   {}
func (*Unrecorded) RecordError(error, ...trace.EventOption) {}
func (*Unrecorded) AddLink(trace.Link)                      {}
func (*Unrecorded) End(...trace.SpanEndOption)              {}

// Unowned returns a span that passes on the trace of sp and records nothing. It is for a caller that will end
// the span, if sp belongs to somebody else.
func Unowned(sp trace.Span) trace.Span {
	if !sp.IsRecording() {
		return sp
	}
	return trace.SpanFromContext(trace.ContextWithSpanContext(context.Background(), sp.SpanContext()))
}
