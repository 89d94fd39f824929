// Package otelglobal makes a [tracing.Provider] OpenTelemetry's global provider. Libraries that are
// instrumented with OpenTelemetry use the global provider by default, so their spans become part of
// the invocation's trace.
//
//	tracer := tracing.New(nil)
//	otelglobal.Set(tracer)
//
// If a library accepts a trace.TracerProvider, pass the tracing.Provider to it instead. The globals
// of OpenTelemetry add about 100 KB to a program, and package tracing does not import them.
package otelglobal

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// Set makes t the global provider of OpenTelemetry and [Propagator] the global propagator. Call it
// once, before lambda.Start.
func Set(t *tracing.Provider) {
	otel.SetTracerProvider(t)
	otel.SetTextMapPropagator(Propagator{})
}

// Propagator is a propagation.TextMapPropagator for the header X-Amzn-Trace-Id, and for traceparent if
// the spans go to a backend other than X-Ray. Unlike other
// propagators for X-Ray it keeps the Lineage field, which Lambda uses to detect recursive loops.
type Propagator struct{}

// Inject implements propagation.TextMapPropagator. It adds the value of [tracing.Header] to carrier,
// if there is a trace. If that header does not name the span in ctx, because the spans of the
// invocation are not in X-Ray's trace, it also adds the W3C headers traceparent and tracestate.
func (Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	text := tracing.Header(ctx)
	if text != "" {
		carrier.Set(tracing.HeaderName, text)
	}
	if !goesToXRay(ctx) {
		propagation.TraceContext{}.Inject(ctx, carrier)
	}
}

// Extract implements propagation.TextMapPropagator. The span in the header becomes the remote parent
// in the context. If the span in ctx goes to X-Ray, only X-Amzn-Trace-Id is read, and otherwise traceparent wins.
// Extract ignores an X-Amzn-Trace-Id without a parent or without a sampling decision.
func (Propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	out := ctx
	h := header.Parse(carrier.Get(tracing.HeaderName))
	if sc := h.SpanContext(); sc.IsValid() && h.Decided() {
		out = trace.ContextWithRemoteSpanContext(header.NewContext(ctx, h), sc)
	}
	if goesToXRay(ctx) {
		return out
	}
	return propagation.TraceContext{}.Extract(out, carrier)
}

// goesToXRay reports whether the header for X-Ray names the span in ctx.
func goesToXRay(ctx context.Context) bool {
	sp := trace.SpanContextFromContext(ctx).SpanID()
	return sp.IsValid() && header.Parse(tracing.Header(ctx)).Parent == sp
}

// Fields implements propagation.TextMapPropagator.
func (Propagator) Fields() []string { return []string{tracing.HeaderName, "traceparent", "tracestate"} }
