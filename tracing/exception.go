package tracing

import (
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// exception returns the attributes of an event that is one. (OpenTelemetry, Semantic
// conventions for exceptions)
func exception(kind, message, stack string) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 3), xray.ExceptionType.String(kind), xray.ExceptionMessage.String(message))
	if stack != "" {
		attrs = append(attrs, xray.ExceptionStacktrace.String(stack))
	}
	return attrs
}

// addException adds an event; spans of the own provider also keep its error, for its
// causes.
func addException(sp trace.Span, ev xray.Event) {
	own, ok := sp.(*span)
	if !ok {
		sp.AddEvent(xray.ExceptionEvent, trace.WithAttributes(ev.Attributes...))
		return
	}
	if own.lock() {
		ev.Name, ev.Time = xray.ExceptionEvent, time.Now()
		own.addEvent(ev)
		own.mu.Unlock()
	}
}

// errorText returns the text of an error, whatever its Error method does.
func errorText(err error) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("(the Error method of a %T panicked)", err)
		}
	}()
	return err.Error()
}

// panicText returns the text of what panic was called with.
func panicText(v any) string {
	if err, ok := v.(error); ok {
		return errorText(err)
	}
	return fmt.Sprint(v) // which recovers
}
