// Package header connects trace headers with the span contexts of OpenTelemetry.
//
// Other modules import this package, so it changes only by addition.
package header

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// Name is the name of the header X-Amzn-Trace-Id.
const Name = traceheader.Name

// Header is a parsed header. The zero Header belongs to no trace.
type Header struct{ traceheader.Header }

// Parse parses the header X-Amzn-Trace-Id as [traceheader.Parse] does. It is not inlined: inlining
// would make programs larger.
//
//go:noinline
func Parse(s string) Header { return Header{traceheader.Parse(s)} }

// SpanContext returns the span context of the remote parent. It is invalid if the header lacks
// root or parent. It is not inlined: inlining would make programs larger.
//
//go:noinline
func (h *Header) SpanContext() trace.SpanContext {
	var flags trace.TraceFlags
	if h.Sampled == traceheader.Yes {
		flags = trace.FlagsSampled
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: h.TraceID, SpanID: h.Parent, TraceFlags: flags, Remote: true})
}

// Append appends a header X-Amzn-Trace-Id for a call inside the span of sc. extra is the Extra of
// the incoming header.
func Append(dst []byte, sc trace.SpanContext, extra string) []byte {
	return traceheader.Append(dst, sc.TraceID(), sc.SpanID(), sc.IsSampled(), extra)
}
