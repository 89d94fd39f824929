package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errstack"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

func recordPanic(sp trace.Span, p *lambdakit.Panic) {
	message := xray.PanicText(p.Value)
	addExceptions(sp, []xray.Exception{{Type: xray.TypeName(p.Value), Message: message, Stack: errstack.Text(p.Stack)}})
	sp.SetStatus(codes.Error, "panic: "+message)
}

func recordError(sp trace.Span, err error, stack string) {
	x := xray.Exceptions(err, stack)
	addExceptions(sp, x)
	sp.SetStatus(codes.Error, x[0].Message)
}

// addExceptions records an error. A span of this package gets all exceptions: the error and the
// errors that it wraps. A span of another provider gets an event for the first one.
func addExceptions(sp trace.Span, x []xray.Exception) {
	if r, ok := sp.(recorder); ok {
		r.AddExceptions(x)
		return
	}
	// (OpenTelemetry, Semantic conventions for exceptions)
	attrs := []attribute.KeyValue{xray.ExceptionType.String(x[0].Type), xray.ExceptionMessage.String(x[0].Message)}
	if x[0].Stack != "" {
		attrs = append(attrs, xray.ExceptionStacktrace.String(x[0].Stack))
	}
	sp.AddEvent(xray.ExceptionEvent, trace.WithAttributes(attrs...))
}
