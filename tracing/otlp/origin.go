package otlp

import (
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
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

// Describe implements export.Pipeline.
func (p *pipeline) Describe(sp *record.Span, inv *lambdakit.Invocation, named bool) {
	l := attributes(sp.Data.Attributes)
	l.set(attribute.Bool("faas.coldstart", inv.ColdStart()))
	arn := inv.FunctionARN()
	l.text("aws.lambda.invoked_arn", arn)
	// arn:aws:lambda:REGION:ACCOUNT:function:NAME
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		l.text("cloud.account.id", parts[4])
	}
	sp.Data.Attributes = l
}
