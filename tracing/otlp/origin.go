package otlp

import (
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Origin implements export.Pipeline.
func (p *pipeline) Origin(lambda *header.Header, event []byte, outer trace.SpanContext) (parent trace.SpanContext, recorded bool) {
	if outer.IsValid() {
		return outer, outer.IsSampled()
	}
	if parent = p.parents.Remote(lambda, event); parent.IsValid() {
		return parent, p.sampler.Sample(parent, parent.TraceID())
	}
	root := trace.SpanContextConfig{TraceID: lambda.TraceID} // so that log lines, X-Ray and the backend have the same id
	if !root.TraceID.IsValid() {
		root.TraceID = traceheader.NewTraceID(time.Now())
	}
	if recorded = p.sampler.Sample(trace.SpanContext{}, root.TraceID); !recorded {
		root.SpanID = traceheader.NewSpanID()
	}
	return trace.NewSpanContext(root), recorded
}

// Scope implements export.Pipeline.
func (p *pipeline) Scope(name string, opts []trace.TracerOption) *xray.Scope {
	c := trace.NewTracerConfig(opts...)
	return &xray.Scope{Name: name, Version: c.InstrumentationVersion(), SchemaURL: c.SchemaURL(), Attributes: c.InstrumentationAttributes()}
}
