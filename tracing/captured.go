package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// plain returns a span for a test harness. Annotations and metadata become attributes, as over OTLP.
func plain(sc trace.SpanContext, s *xray.Span) *execenv.Span {
	out := &execenv.Span{
		TraceID: hexadecimal(sc.TraceID()), ID: hexadecimal(sc.SpanID()), ParentID: hexadecimal(s.Parent),
		Name: s.Name, Kind: trace.ValidateSpanKind(s.Kind).String(), Start: s.Start, End: s.End,
		Status: s.Status.String(), Description: s.Description,
		Attributes: make(map[string]any),
	}
	for _, m := range s.Metadata {
		key := m.Key
		if m.Namespace != "" && m.Namespace != "default" {
			key = m.Namespace + "." + key
		}
		out.Attributes[key] = string(m.JSON)
	}
	add(out.Attributes, s.Attributes)
	add(out.Attributes, s.Annotations)
	for _, e := range s.Events {
		event := execenv.SpanEvent{Name: e.Name, Time: e.Time, Attributes: make(map[string]any)}
		add(event.Attributes, e.Attributes)
		if len(e.Exceptions) > 0 {
			x := &e.Exceptions[0] // its message contains those of the errors that it wraps
			event.Attributes[string(xray.ExceptionType)] = x.Type
			event.Attributes[string(xray.ExceptionMessage)] = x.Message
		}
		out.Events = append(out.Events, event)
	}
	for _, l := range s.Links {
		link := execenv.SpanLink{
			TraceID: hexadecimal(l.SpanContext.TraceID()), SpanID: hexadecimal(l.SpanContext.SpanID()),
			Attributes: make(map[string]any),
		}
		add(link.Attributes, l.Attributes)
		out.Links = append(out.Links, link)
	}
	return out
}

// hexadecimal returns an id as text, empty for an invalid one.
func hexadecimal(id interface {
	IsValid() bool
	String() string
}) string {
	if !id.IsValid() {
		return ""
	}
	return id.String()
}

func add(to map[string]any, list []attribute.KeyValue) {
	for _, a := range list {
		if a.Key != xray.Annotations {
			to[string(a.Key)] = a.Value.AsInterface()
		}
	}
}
