package tracing

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/export"
)

// Sampler decides whether a trace is recorded. [AlwaysSample], [NeverSample], [TraceIDRatioBased] and
// [ParentBased] decide like the samplers of the OpenTelemetry SDK with these names.
type Sampler interface {
	// Sample is called once for each invocation, and for each span that starts a new trace. The
	// parent is invalid if the span has none. All spans below follow the decision. Sample must be
	// safe for concurrent use.
	Sample(parent trace.SpanContext, id trace.TraceID) bool
}

// AlwaysSample returns a Sampler that records every trace.
func AlwaysSample() Sampler { return export.Always{} }

// NeverSample returns a Sampler that records no trace.
func NeverSample() Sampler { return export.Never{} }

// TraceIDRatioBased returns a Sampler that records a part of the traces, from 0 to 1. The trace id
// decides, so services with the same part record the same traces.
func TraceIDRatioBased(part float64) Sampler { return export.NewRatio(part) }

// ParentBased returns a Sampler that records a trace if its caller does. root decides about traces
// without a parent.
func ParentBased(root Sampler) Sampler { return export.ParentBased{Root: root} }
