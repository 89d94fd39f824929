package xray

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/traceheader"
)

func (e *encoder) links() {
	n := 0
	for _, l := range e.span.Links {
		if n == maxLinks {
			e.lost.hit(limitLinks)
			break
		}
		if n++; n == 1 {
			e.raw(`,"links":[`)
		} else {
			e.raw(`,`)
		}
		e.link(l, "id")
	}
	if n > 0 {
		e.raw(`]`)
	}
}

func (e *encoder) link(l trace.Link, spanName string) {
	id, span := l.SpanContext.TraceID(), l.SpanContext.SpanID()
	e.raw(`{"trace_id":"`)
	e.buf = traceheader.AppendTraceID(e.buf, id)
	e.raw(`","` + spanName + `":"`)
	e.hex(span[:])
	e.raw(`"`)
	if len(l.Attributes) > 0 && e.limits.attributes {
		e.raw(`,"attributes":`)
		e.attributes(l.Attributes)
	}
	e.raw(`}`)
}
