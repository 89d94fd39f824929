package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// TraceParent returns the W3C traceparent of the span in ctx, such as
// "00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01", for a message whose receiver is to
// continue or link the trace. Without a span the text is empty.
func TraceParent(ctx context.Context) string {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return ""
	}
	return string(header.AppendTraceParent(nil, sc))
}

// ParseTraceParent returns the span that a W3C traceparent names, or the zero SpanContext if the
// text is malformed. The receiver of a message links its span to the sender:
//
//	link := trace.WithLinks(trace.Link{SpanContext: tracing.ParseTraceParent(text)})
//	err := tracing.Run(ctx, "receive", f, link)
//
// or continues the trace with trace.ContextWithRemoteSpanContext.
func ParseTraceParent(text string) trace.SpanContext { return header.ParseTraceParent(text) }
