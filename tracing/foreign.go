package tracing

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// beginForeign starts the handler span with the user's provider. Its parent is the remote parent
// of the invocation, if there is one. It reports whether the span was started.
func (s *scope) beginForeign(out *context.Context) (ok bool) {
	p, ctx := s.provider, *out
	defer func() {
		if v := recover(); v != nil {
			ok = false
			p.problem("provider", "the provider panicked, so nothing is traced: %v", v)
		}
	}()
	if parent := s.remoteParent(); parent.IsValid() && !s.outer.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	attrs := append(resource(s.inv), attribute.Bool("faas.coldstart", s.inv.ColdStart()), attribute.Bool("ColdStart", s.inv.ColdStart()))
	annotations := []string{"ColdStart"}
	if p.service != "" {
		attrs = append(attrs, attribute.String("Service", p.service))
		annotations = append(annotations, "Service")
	}
	if id := s.inv.RequestID(); id != "" {
		attrs = append(attrs, attribute.String("faas.invocation_id", id))
	}
	if arn := s.inv.FunctionARN(); arn != "" {
		attrs = append(attrs, attribute.String("cloud.resource_id", resourceID(s.inv)), attribute.String("aws.lambda.invoked_arn", arn))
	}
	attrs = append(attrs, annotationKeys(annotations))
	ctx, s.handler = p.foreign.Tracer(instrumentation).Start(ctx, p.handlerName(s.inv),
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attrs...),
		trace.WithLinks(p.incoming(s.inv.Payload())...),
	)
	if ctx == nil || s.handler == nil {
		p.problem("provider", "the provider returned no span or no context, so nothing is traced")
		return false
	}
	s.inv.OnEnd(s)
	s.inv.OnDeadline(s)
	*out = ctx
	return true
}

// remoteParent returns the parent of the handler span: the header traceparent of the event if
// Options.TraceParent is set, or else Lambda's trace header. It ignores a trace header without a
// sampling decision.
func (s *scope) remoteParent() trace.SpanContext {
	if s.provider.traceParent {
		if sc := eventParent(s.inv.Payload()); sc.IsValid() {
			return sc
		}
	}
	if !s.header.Decided() {
		return trace.SpanContext{}
	}
	return s.header.SpanContext()
}

// flush makes the user's provider send its buffered spans, since Lambda freezes the process after
// the invocation.
func (s *scope) flush() {
	p := s.provider
	f, ok := p.foreign.(interface{ ForceFlush(context.Context) error })
	if !ok || p.flushTimeout < 0 {
		return
	}
	timeout := p.flushTimeout
	if deadline, ok := s.inv.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.inv.Context()), timeout)
	defer cancel()
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
