package tracing

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// LogAttrs appends the attributes trace_id and span_id of the span in ctx to dst, in
// OpenTelemetry's hexadecimal form. If ctx has no span and exactly one invocation is running, it
// uses the handler span of that invocation. Otherwise it appends nothing. LogAttrs is made for
// the option FromContext of package logging:
//
//	logging.New(&logging.Options{FromContext: tracing.LogAttrs})
func LogAttrs(ctx context.Context, dst []slog.Attr) []slog.Attr {
	if ctx == nil {
		ctx = context.Background()
	}
	sp := trace.SpanFromContext(ctx)
	if !sp.SpanContext().IsValid() {
		s := currentScope(ctx)
		if s == nil {
			return dst
		}
		sp = s.handler
	}
	sc := sp.SpanContext()
	if !sc.IsValid() {
		return dst
	}
	var x *ids
	switch sp := sp.(type) {
	case *span:
		x = sp.ids.text(sc)
	case *unrecorded:
		x = sp.ids.text(sc)
	default:
		x = textOf(sc)
	}
	return append(dst, slog.String("trace_id", x.trace), slog.String("span_id", x.span))
}
