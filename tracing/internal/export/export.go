// Package export connects package tracing with packages that send its spans to a backend. Package
// tracing does not import those packages, so a function links only the one that it uses.
package export

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Instrumentation is the name of the tracer of package tracing's own spans.
const Instrumentation = "github.com/lambdakit/lambdakit/tracing"

// Exporter is a value of tracing.Options.Exporter.
type Exporter interface {
	// Open returns the pipeline of a Provider. It is called once for each Provider. It returns nil
	// if the environment switches the exporter off.
	Open(c *Config) Pipeline
}

// Config is the configuration of the Provider that a pipeline depends on.
type Config struct {
	Service   string   // tracing.Options.Service; empty: the environment decides
	Namespace string   // of metadata
	Indexed   []string // keys of attributes that X-Ray indexes
	Sampler   Sampler  // nil: the environment decides
	Parent    Parent
	Report    *report.Reporter
}

// Sampler decides whether a trace is recorded. The parent is invalid if the span is a root.
type Sampler interface {
	Sample(parent trace.SpanContext, id trace.TraceID) bool
}

// Pipeline takes the spans of a Provider to a backend. It is safe for concurrent use.
type Pipeline interface {
	// Parents are the sources of parents of handler spans.
	Parents() Parents

	// XRay reports whether the backend is X-Ray, so that Lambda's span is the parent of the
	// handler span and X-Ray has decided about the trace.
	XRay() bool

	// Origin returns the parent of a handler span, and whether the span is recorded. outer is the
	// span of an outer invocation, if there is one. The parent of a root has the id of its trace.
	// If the root is not recorded, the parent also has a span id.
	Origin(lambda *header.Header, event []byte, outer trace.SpanContext) (parent trace.SpanContext, recorded bool)

	// Scope returns the instrumentation scope of a tracer.
	Scope(name string, opts []trace.TracerOption) *xray.Scope

	// Describe adds attributes of the event to a handler span, and names the span if named is
	// true.
	Describe(sp *record.Span, inv *lambdakit.Invocation, named bool)

	// Interrupt marks a span that is about to be ended because the deadline is near, or because the
	// execution environment is shut down.
	Interrupt(sp *record.Span, shutdown bool)

	// Add takes a span that has ended. It keeps nothing of the span. The caller holds the span's
	// lock.
	Add(sc trace.SpanContext, s *xray.Span)

	// Flush sends the spans of Add. It returns when ctx is done at the latest. It does nothing if
	// the backend failed shortly before, except in an urgent case. It reports its errors.
	Flush(ctx context.Context, urgent bool) error
}
