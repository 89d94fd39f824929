package tracing

import (
	"context"
	"encoding/hex"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// LogAttrs appends trace_id and span_id, in OpenTelemetry's form, of the span that ctx
// carries; else of the handler span of the invocation that runs, while there is exactly
// one. It is for the option FromContext of package logging:
//
//	logging.New(&logging.Options{FromContext: tracing.LogAttrs})
func LogAttrs(ctx context.Context, dst []slog.Attr) []slog.Attr {
	if ctx == nil {
		ctx = context.Background()
	}
	sp := trace.SpanFromContext(ctx)
	own, ok := sp.(*span)
	if !ok && !sp.SpanContext().IsValid() {
		s := currentScope(ctx)
		if s == nil {
			return dst
		}
		sp = s.handler
		own, ok = sp.(*span)
	}
	if ok && own.sc.IsValid() {
		x := own.text()
		return append(dst, slog.String("trace_id", x.trace), slog.String("span_id", x.span))
	}
	sc := sp.SpanContext()
	if !sc.IsValid() {
		return dst
	}
	id, spanID := sc.TraceID(), sc.SpanID()
	return append(dst, slog.String("trace_id", hex.EncodeToString(id[:])), slog.String("span_id", hex.EncodeToString(spanID[:])))
}
