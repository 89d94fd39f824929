package lambdatest

import (
	"slices"
	"time"

	"github.com/lambdakit/lambdakit/internal/execenv"
)

// Span is a span of package tracing in the words of OpenTelemetry, whatever its destination. Annotations
// and metadata are attributes; metadata is JSON text, and its key has the namespace as a prefix if it is
// not the default one.
type Span struct {
	TraceID       string // 32 hexadecimal digits
	ID            string // 16 hexadecimal digits
	ParentID      string // empty if the span is a root
	Name          string
	Kind          string // "internal", "server", "client", "producer" or "consumer"
	Start         time.Time
	End           time.Time      // zero if the span did not end before Invoke returned
	Attributes    map[string]any // bool, int64, float64, string, or slices of them
	Events        []SpanEvent
	Links         []SpanLink
	Status        string // "Unset", "Ok" or "Error"
	StatusMessage string // only with "Error"
}

// SpanEvent is an event of a span. An error that was recorded is an event "exception" with the attributes
// exception.type and exception.message.
type SpanEvent struct {
	Name       string
	Time       time.Time
	Attributes map[string]any
}

// SpanLink is a link to another span.
type SpanLink struct {
	TraceID    string
	SpanID     string
	Attributes map[string]any
}

// Work is a function of lambdakit.AfterResponse that has run.
type Work struct {
	Name     string
	Err      error // that it returned, or the panic
	Duration time.Duration
}

// add keeps a span. One that was sent in progress is replaced when it ends.
func (r *recorder) add(s *execenv.Span) {
	r.mu.Lock()
	defer r.mu.Unlock()
	span := spanOf(s)
	if i := slices.IndexFunc(r.spans, func(o Span) bool { return o.ID == span.ID }); i >= 0 {
		r.spans[i] = span
		return
	}
	r.spans = append(r.spans, span)
}

func spanOf(s *execenv.Span) Span {
	span := Span{
		TraceID: s.TraceID, ID: s.ID, ParentID: s.ParentID, Name: s.Name, Kind: s.Kind, Start: s.Start, End: s.End,
		Attributes: s.Attributes, Status: s.Status, StatusMessage: s.Description,
	}
	for _, e := range s.Events {
		span.Events = append(span.Events, SpanEvent(e))
	}
	for _, l := range s.Links {
		span.Links = append(span.Links, SpanLink(l))
	}
	return span
}

// worked keeps work after the response.
func (r *recorder) worked(name string, err error, duration time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.works = append(r.works, Work{name, err, duration})
}
