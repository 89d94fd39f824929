package execenv

import "time"

// Span is a span of package tracing in the words of OpenTelemetry, without its types.
type Span struct {
	TraceID, ID, ParentID string // hexadecimal
	Name, Kind            string // Kind is "internal", "server", "client", "producer" or "consumer"
	Start, End            time.Time
	Attributes            map[string]any
	Events                []SpanEvent
	Links                 []SpanLink
	Status, Description   string // Status is "Unset", "Ok" or "Error"
}

// SpanEvent is an event of a span.
type SpanEvent struct {
	Name       string
	Time       time.Time
	Attributes map[string]any
}

// SpanLink is a link to another span.
type SpanLink struct {
	TraceID, SpanID string
	Attributes      map[string]any
}
