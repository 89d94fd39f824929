package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

func recordPanic(sp trace.Span, p *lambdakit.Panic) {
	message := xray.PanicText(p.Value)
	addException(sp, record.Exception(xray.TypeName(p.Value), message, xray.StackText(p.Stack)), nil)
	sp.SetStatus(codes.Error, "panic: "+message)
}

func recordError(sp trace.Span, err error, stack string) {
	if own := xray.StackOf(err); own != "" {
		stack = own
	}
	message := xray.ErrorText(err)
	addException(sp, record.Exception(xray.TypeName(err), message, stack), err)
	sp.SetStatus(codes.Error, message)
}

// addException adds an event; spans of ours also keep its error, for its causes.
func addException(sp trace.Span, attrs []attribute.KeyValue, err error) {
	if r, ok := sp.(recorder); ok {
		r.AddException(attrs, err)
		return
	}
	sp.AddEvent(xray.ExceptionEvent, trace.WithAttributes(attrs...))
}
