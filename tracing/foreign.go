package tracing

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// beginForeign starts the handler span with the user's provider. Its parent is the remote parent
// of the invocation, if there is one, unless the span around, of an outer invocation, is its parent. It reports
// whether the span was started.
func (s *scope) beginForeign(out *context.Context, around trace.SpanContext) (ok bool) {
	p, ctx := s.provider, *out
	defer func() {
		if v := recover(); v != nil {
			ok = false
			p.problem("provider", "the provider panicked, so nothing is traced: %v", v)
		}
	}()
	if !around.IsValid() {
		parent := p.parents.Remote(&s.header, s.inv.Payload())
		if !parent.IsValid() && !p.belowLambda() && !trace.SpanContextFromContext(ctx).IsValid() {
			// The SDK takes the trace id of a parent without a span id, and samples a root.
			parent = trace.SpanContext{}.WithTraceID(s.header.TraceID)
		}
		if parent.HasTraceID() {
			ctx = trace.ContextWithSpanContext(ctx, parent)
		}
	}
	attrs := append(resource(s.inv), attribute.Bool("faas.coldstart", s.inv.ColdStart()), attribute.Bool("ColdStart", s.inv.ColdStart()))
	annotations := []string{"ColdStart"}
	if p.service != "" {
		attrs.add("Service", p.service)
		annotations = append(annotations, "Service")
	}
	attrs.add("faas.invocation_id", s.inv.RequestID())
	attrs.add("cloud.resource_id", resourceID(s.inv))
	attrs.add("aws.lambda.invoked_arn", s.inv.FunctionARN())
	attrs = append(attrs, annotationKeys(annotations))
	ctx, s.handler = p.foreign.Tracer(instrumentation).Start(ctx, p.handlerName(s.inv),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attrs...),
		trace.WithLinks(s.incoming()...),
	)
	if ctx == nil || s.handler == nil {
		p.problem("provider", "the provider returned no span or no context, so nothing is traced")
		return false
	}
	s.inv.OnEnd(s)
	s.inv.OnDeadline(s)
	if _, ok := p.foreign.(flusher); ok && p.flushTimeout >= 0 {
		s.inv.AfterResponse(s)
	}
	*out = ctx
	return true
}

// AfterResponse implements lambdakit.Later.
func (s *scope) AfterResponse(ctx context.Context) { s.flush(ctx) }

// flush makes the destination send its spans, since Lambda freezes the process after the
// invocation.
func (s *scope) flush(ctx context.Context) {
	p := s.provider
	f, ok := p.foreign.(flusher)
	if !ok && p.pipeline == nil || p.flushTimeout < 0 {
		return
	}
	timeout := p.flushTimeout
	if deadline, ok := s.inv.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if p.pipeline != nil {
		p.pipeline.Flush(ctx, s.inv.ShuttingDown()) // it reports its errors
		return
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- fmt.Errorf("ForceFlush panicked: %v", v)
			}
		}()
		done <- f.ForceFlush(ctx)
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done(): // ForceFlush may ignore ctx
		err = ctx.Err()
	}
	if err != nil {
		p.report.Once("flush", fmt.Errorf("tracing: spans may be lost: flush: %w", err))
	}
}
