// Package otelglobal makes a Tracer the one that libraries instrumented with
// OpenTelemetry find by default. It is a package of its own, since OpenTelemetry's globals
// cost a program some 100 KB.
//
//	tracer := tracing.New(nil)
//	otelglobal.Set(tracer)
package otelglobal

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// Set makes t the global provider of OpenTelemetry, and Propagator the global
// propagator.
func Set(t *tracing.Provider) {
	otel.SetTracerProvider(t)
	otel.SetTextMapPropagator(Propagator{})
}

// Propagator is a propagation.TextMapPropagator for the header X-Amzn-Trace-Id. Unlike
// others it keeps what Lambda counts recursion by.
type Propagator struct{}

// Inject implements propagation.TextMapPropagator.
func (Propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if h := tracing.Header(ctx); h != "" {
		carrier.Set(tracing.HeaderName, h)
	}
}

// Extract implements propagation.TextMapPropagator. A header without a parent or without
// a decision to record or not is left alone.
func (Propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	h := header.Parse(carrier.Get(tracing.HeaderName))
	sc := h.SpanContext()
	if !sc.IsValid() || !h.Decided() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(header.NewContext(ctx, h), sc)
}

// Fields implements propagation.TextMapPropagator.
func (Propagator) Fields() []string { return []string{tracing.HeaderName} }
