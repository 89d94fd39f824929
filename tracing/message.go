package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// messageKey is the context key of the span of a record. Each Provider of an invocation has its own.
type messageKey struct{ *scope }

// BeginMessage implements lambdakit.MessageObserver. It starts a CONSUMER span for a record of a batch,
// a child of the span in ctx, with a link to the sender. (OpenTelemetry, Semantic conventions for
// messaging spans)
func (s *scope) BeginMessage(ctx context.Context, m *lambdakit.Message) context.Context {
	if !traced(trace.SpanFromContext(ctx)) {
		return ctx
	}
	attrs := make(texts, 0, 8)
	attrs.add("messaging.operation.type", "process")
	attrs.add("messaging.operation.name", "process")
	attrs.add("messaging.system", m.System)
	attrs.add("messaging.destination.name", m.Source)
	if m.System == "kafka" {
		attrs.add("messaging.destination.partition.id", m.Group)
	}
	attrs.add("messaging.message.id", m.ID)
	attrs.add("messaging.message.conversation_id", m.CorrelationID)
	if m.Attempt > 1 {
		attrs = append(attrs, attribute.Int("messaging.message.delivery_count", m.Attempt))
	}
	opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(attrs...)}
	if sender := senderOf(m); sender.IsValid() {
		opts = append(opts, trace.WithLinks(trace.Link{SpanContext: sender}))
	}
	name := "process"
	if m.Source != "" {
		name = m.Source + " process"
	}
	ctx, sp := Start(ctx, name, opts...)
	return context.WithValue(ctx, messageKey{s}, sp)
}

// senderOf returns the span that sent the record; the zero SpanContext if the record names none.
func senderOf(m *lambdakit.Message) trace.SpanContext {
	if m.TraceHeader != "" {
		h := header.Parse(m.TraceHeader)
		if sc := h.SpanContext(); sc.IsValid() {
			return sc
		}
	}
	return header.ParseTraceParent(m.TraceParent)
}

// EndMessage implements lambdakit.MessageObserver.
func (s *scope) EndMessage(ctx context.Context, _ *lambdakit.Message, err error) {
	sp, ok := ctx.Value(messageKey{s}).(trace.Span)
	if !ok {
		return
	}
	if err != nil {
		recordError(sp, err, "")
	}
	sp.End()
}

// Propagate implements lambdakit.Propagator.
func (s *scope) Propagate(ctx context.Context, p *lambdakit.Propagation) {
	p.TraceHeader = Header(ctx)
	if sc := decided(ctx); sc.IsValid() {
		p.TraceParent = TraceParent(trace.ContextWithSpanContext(ctx, sc))
	}
}
