package tracing

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// beginForeign starts the handler span of the user's provider, below the span that the
// invocation came with.
func (s *scope) beginForeign(ctx context.Context) context.Context {
	t := s.tracer
	if parent := s.remoteParent(); parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	attrs := append(resource(s.inv), attribute.Bool("faas.coldstart", s.inv.ColdStart()), attribute.Bool("ColdStart", s.inv.ColdStart()))
	annotations := []string{"ColdStart"}
	if t.service != "" {
		attrs = append(attrs, attribute.String("Service", t.service))
		annotations = append(annotations, "Service")
	}
	if id := s.inv.RequestID(); id != "" {
		attrs = append(attrs, attribute.String("faas.invocation_id", id))
	}
	if arn := s.inv.FunctionARN(); arn != "" {
		attrs = append(attrs, attribute.String("cloud.resource_id", arn), attribute.String("aws.lambda.invoked_arn", arn))
	}
	attrs = append(attrs, annotationKeys(annotations))
	ctx, s.handler = t.provider.Tracer(instrumentation).Start(ctx, t.handlerName(s.inv),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attrs...),
		trace.WithLinks(t.incoming(s.inv.Payload())...),
	)
	s.inv.OnEnd(s)
	s.inv.OnDeadline(s)
	return ctx
}

// remoteParent returns the span that the invocation came with: of the event where that is
// asked for, else of Lambda's header. A header without a decision is no parent.
func (s *scope) remoteParent() trace.SpanContext {
	if s.tracer.traceParent {
		if sc := eventParent(s.inv.Payload()); sc.IsValid() {
			return sc
		}
	}
	if !s.header.Decided() {
		return trace.SpanContext{}
	}
	return s.header.SpanContext()
}

// flush has the user's provider send what it holds, since Lambda freezes the process once
// the invocation has ended.
func (s *scope) flush() {
	t := s.tracer
	f, ok := t.provider.(interface{ ForceFlush(context.Context) error })
	if !ok || t.flush < 0 {
		return
	}
	timeout := t.flush
	if deadline, ok := s.inv.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.inv.Context()), timeout)
	defer cancel()
	if err := f.ForceFlush(ctx); err != nil {
		t.report.Once("flush", fmt.Errorf("tracing: spans may be lost, since flushing them failed: %w", err))
	}
}
