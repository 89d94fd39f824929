// Package record holds what a span records until it ends.
package record

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Limits of a span. (OpenTelemetry specification, SpanLimits)
const (
	MaxAttributes = 128
	MaxEvents     = 128
	MaxLinks      = 128
	maxMetadata   = 128 // and of annotations
)

// Span is a trace.Span but for End and TracerProvider.
type Span struct {
	embedded.Span
	sc trace.SpanContext

	// Budget is shared with the other spans of the invocation. Without one the span has MaxHeld
	// bytes for itself.
	Budget *Budget

	mu            sync.Mutex
	ended         bool
	held, granted int32     // bytes: that the values have, and that the budget gave
	Data          xray.Span // of a span that is not used by others yet, or that is locked
}

// Init begins a span below parent. An invalid parent is none.
func (s *Span) Init(id trace.TraceID, own trace.SpanID, parent trace.SpanContext, name string, kind trace.SpanKind, start time.Time) {
	s.sc = trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: own, TraceFlags: trace.FlagsSampled, TraceState: parent.TraceState()})
	s.Data.TraceID, s.Data.ID, s.Data.Parent = id, own, parent.SpanID()
	s.Data.Name, s.Data.Kind, s.Data.Start = name, trace.ValidateSpanKind(kind), start
}

// SpanContext implements trace.Span.
func (s *Span) SpanContext() trace.SpanContext { return s.sc }

// IsRecording implements trace.Span.
func (s *Span) IsRecording() bool {
	if !s.Lock() {
		return false
	}
	s.mu.Unlock()
	return true
}

// Lock reports whether the span may still be changed; if so it is locked.
func (s *Span) Lock() bool {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	return true
}

// Unlock ends what Lock began.
func (s *Span) Unlock() { s.mu.Unlock() }

// Finish ends a span that is locked, and leaves it so. A zero end of the options is now.
func (s *Span) Finish(opts []trace.SpanEndOption, now func() time.Time) {
	var end time.Time
	if len(opts) > 0 {
		cfg := trace.NewSpanEndConfig(opts...)
		end = cfg.Timestamp()
	}
	if end.IsZero() {
		end = now()
	}
	if end.Before(s.Data.Start) {
		end = s.Data.Start
	}
	s.Data.End = end
	s.ended = true
	s.release()
}

// SetName implements trace.Span.
func (s *Span) SetName(name string) {
	if s.Lock() {
		s.Data.Name = xray.Short(name)
		s.mu.Unlock()
	}
}

// SetStatus implements trace.Span.
func (s *Span) SetStatus(code codes.Code, description string) {
	if !s.Lock() {
		return
	}
	defer s.mu.Unlock()
	if s.Data.Status == codes.Ok && code != codes.Ok || code == codes.Unset {
		return // nothing overrides Ok (OpenTelemetry specification, Set Status)
	}
	if description = xray.Short(description); code != codes.Error || !s.room(len(description)-len(s.Data.Description)) {
		description = ""
	}
	s.Data.Status, s.Data.Description = code, description
}

// SetAttributes implements trace.Span.
func (s *Span) SetAttributes(attrs ...attribute.KeyValue) {
	if s.Lock() {
		s.AddAttributes(attrs)
		s.mu.Unlock()
	}
}

// AddAttributes is SetAttributes for a span that is locked, or not used by others yet.
func (s *Span) AddAttributes(attrs []attribute.KeyValue) {
	if s.Data.Attributes == nil && len(attrs) > 0 {
		s.Data.Attributes = make([]attribute.KeyValue, 0, len(attrs))
	}
	for _, a := range attrs {
		if !a.Valid() {
			s.Data.Dropped++
			continue
		}
		s.Data.Attributes = s.set(s.Data.Attributes, a, MaxAttributes)
	}
}

// set adds a, or gives the attribute of its key a new value.
func (s *Span) set(list []attribute.KeyValue, a attribute.KeyValue, limit int) []attribute.KeyValue {
	if a.Value.Type() == attribute.STRING && len(a.Value.AsString()) > xray.MaxDocument {
		a.Value = attribute.StringValue(xray.Short(a.Value.AsString()))
	}
	n := size(a.Value)
	for i := range list {
		if list[i].Key == a.Key {
			if s.room(n - size(list[i].Value)) {
				list[i].Value = a.Value
			}
			return list
		}
	}
	if len(list) >= limit {
		s.Data.Dropped++
		return list
	}
	if !s.room(len(a.Key) + n) {
		return list
	}
	return append(list, a)
}

// AddEvent implements trace.Span.
func (s *Span) AddEvent(name string, opts ...trace.EventOption) {
	cfg := trace.NewEventConfig(opts...)
	s.add(xray.Event{Name: name, Time: cfg.Timestamp(), Attributes: cfg.Attributes()})
}

// addEvent keeps the newest events, as the SDK does.
func (s *Span) addEvent(ev xray.Event) {
	if n := len(ev.Attributes) - MaxAttributes; n > 0 {
		ev.Attributes = ev.Attributes[:MaxAttributes]
		s.Data.Dropped += n
	}
	if !s.room(eventSize(&ev)) {
		return
	}
	if len(s.Data.Events) == MaxEvents {
		s.room(-eventSize(&s.Data.Events[0]))
		s.Data.Events = slices.Delete(s.Data.Events, 0, 1)
		s.Data.Dropped++
	}
	s.Data.Events = append(s.Data.Events, ev)
}

// RecordError implements trace.Span. A stack is that of the error, where it carries one;
// else, where WithStackTrace asks for it, the caller's.
func (s *Span) RecordError(err error, opts ...trace.EventOption) {
	if err == nil {
		return
	}
	cfg := trace.NewEventConfig(opts...)
	stack := ""
	if cfg.StackTrace() {
		stack = xray.Stack(0)
	}
	x := xray.Exceptions(err, stack) // before the lock: methods of errors may use the span
	s.add(xray.Event{Name: xray.ExceptionEvent, Time: cfg.Timestamp(), Attributes: cfg.Attributes(), Exceptions: x})
}

// AddExceptions adds an event.
func (s *Span) AddExceptions(x []xray.Exception) {
	s.add(xray.Event{Name: xray.ExceptionEvent, Time: time.Now(), Exceptions: x})
}

func (s *Span) add(ev xray.Event) {
	if s.Lock() {
		s.addEvent(ev)
		s.Unlock()
	}
}

// AddLink implements trace.Span.
func (s *Span) AddLink(l trace.Link) {
	if s.Lock() {
		s.Link(l)
		s.mu.Unlock()
	}
}

// Link is AddLink for a span that is locked, or not used by others yet.
func (s *Span) Link(l trace.Link) {
	switch {
	case !l.SpanContext.TraceID().IsValid():
	case len(s.Data.Links) == MaxLinks:
		s.Data.Dropped++
	case !s.room(sizes(l.Attributes, 0)):
	default:
		s.Data.Links = append(s.Data.Links, l)
	}
}

// Annotate adds an annotation, or gives the one of its key a new value.
func (s *Span) Annotate(a attribute.KeyValue) {
	if !s.Lock() {
		return
	}
	defer s.mu.Unlock()
	s.Data.Annotations = s.set(s.Data.Annotations, a, maxMetadata)
}

// AddMetadata adds a value, or gives the one of its key a new one. The value is the span's to
// keep. Of one that is larger than a document the span keeps the beginning.
func (s *Span) AddMetadata(m xray.Metadata) {
	if len(m.JSON) > xray.MaxDocument {
		m.JSON = bytes.Clone(m.JSON[:xray.MaxDocument])
	}
	if !s.Lock() {
		return
	}
	defer s.mu.Unlock()
	for i := range s.Data.Metadata {
		if old := &s.Data.Metadata[i]; old.Key == m.Key && old.Namespace == m.Namespace {
			if s.room(len(m.JSON) - len(old.JSON)) {
				*old = m
			}
			return
		}
	}
	if len(s.Data.Metadata) == maxMetadata {
		s.Data.Dropped++
		return
	}
	if s.room(len(m.Namespace) + len(m.Key) + len(m.JSON)) {
		s.Data.Metadata = append(s.Data.Metadata, m)
	}
}
