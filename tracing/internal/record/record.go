// Package record implements spans: it stores their attributes, events, links, annotations and
// metadata until they end.
//
// Other modules import this package, so it changes only by addition.
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
	maxMetadata   = 128 // of each: annotations, metadata
)

// Span implements trace.Span except End and TracerProvider.
type Span struct {
	embedded.Span
	sc trace.SpanContext

	// Budget is shared with the other spans of the invocation. If it is nil, the span alone may
	// hold MaxHeld bytes.
	Budget *Budget

	mu            sync.Mutex
	ended         bool
	held, granted int32     // bytes: the values' size, and the part that the budget granted
	Data          xray.Span // use it only if the span is locked or if no other goroutine has the span yet
}

// Init begins a span below parent. If parent is invalid, the span has no parent.
func (s *Span) Init(id trace.TraceID, own trace.SpanID, parent trace.SpanContext, name string, kind trace.SpanKind, start time.Time) {
	s.sc = trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: own, TraceFlags: trace.FlagsSampled, TraceState: parent.TraceState()})
	s.Data.TraceID, s.Data.ID, s.Data.Parent, s.Data.Remote = id, own, parent.SpanID(), parent.IsRemote()
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

// Lock locks the span if the span may still be changed, and reports whether it may.
func (s *Span) Lock() bool {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	return true
}

// Unlock unlocks the span.
func (s *Span) Unlock() { s.mu.Unlock() }

// Finish ends a span that is locked, and leaves it locked. Without an end time in the options,
// the span ends now.
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
	if description = xray.Short(description); code != codes.Error {
		description = ""
	} else if !s.room(len(description) - len(s.Data.Description)) {
		description = ""
		s.Data.Dropped++
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

// AddAttributes is SetAttributes for a span that is locked or that no other goroutine has yet.
func (s *Span) AddAttributes(attrs []attribute.KeyValue) {
	if s.Data.Attributes == nil && len(attrs) > 0 {
		s.Data.Attributes = make([]attribute.KeyValue, 0, len(attrs))
	}
	for _, a := range attrs {
		if !a.Valid() {
			s.dropAttribute()
			continue
		}
		s.Data.Attributes = s.set(s.Data.Attributes, a, MaxAttributes)
	}
}

// set adds the attribute a, or replaces the value if the list has its key.
func (s *Span) set(list []attribute.KeyValue, a attribute.KeyValue, limit int) []attribute.KeyValue {
	if a.Value.Type() == attribute.STRING && len(a.Value.AsString()) > xray.MaxDocument {
		a.Value = attribute.StringValue(xray.Short(a.Value.AsString()))
	}
	n := size(a.Value)
	for i := range list {
		if list[i].Key == a.Key {
			if s.room(n - size(list[i].Value)) {
				list[i].Value = a.Value
			} else {
				s.dropAttribute()
			}
			return list
		}
	}
	if len(list) >= limit || !s.room(len(a.Key)+n) {
		s.dropAttribute()
		return list
	}
	return append(list, a)
}

// excess counts a dropped value and returns the counters of its kind. It is not inlined: inlining
// would make programs larger.
//
//go:noinline
func (s *Span) excess() *xray.Excess {
	s.Data.Dropped++
	if s.Data.Excess == nil {
		s.Data.Excess = new(xray.Excess)
	}
	return s.Data.Excess
}

func (s *Span) dropAttribute() { s.excess().Attributes++ }

// AddEvent implements trace.Span.
func (s *Span) AddEvent(name string, opts ...trace.EventOption) {
	cfg := trace.NewEventConfig(opts...)
	s.add(xray.Event{Name: name, Time: cfg.Timestamp(), Attributes: cfg.Attributes()})
}

// addEvent keeps the newest events, as the SDK does.
func (s *Span) addEvent(ev xray.Event) {
	if n := len(ev.Attributes) - MaxAttributes; n > 0 {
		ev.Attributes, ev.Dropped = ev.Attributes[:MaxAttributes], n
		s.Data.Dropped += n
	}
	if !s.room(eventSize(&ev)) {
		s.excess().Events++
		return
	}
	if len(s.Data.Events) == MaxEvents {
		s.room(-eventSize(&s.Data.Events[0]))
		s.Data.Events = slices.Delete(s.Data.Events, 0, 1)
		s.excess().Events++
	}
	s.Data.Events = append(s.Data.Events, ev)
}

// RecordError implements trace.Span. The event has the error's stack if the error carries one,
// else the caller's stack if the options have WithStackTrace.
func (s *Span) RecordError(err error, opts ...trace.EventOption) {
	if err == nil {
		return
	}
	cfg := trace.NewEventConfig(opts...)
	stack := ""
	if cfg.StackTrace() {
		stack = xray.Stack(0)
	}
	x := xray.Exceptions(err, stack) // before the lock, since methods of errors may use the span
	s.add(xray.Event{Name: xray.ExceptionEvent, Time: cfg.Timestamp(), Attributes: cfg.Attributes(), Exceptions: x})
}

// AddExceptions adds an exception event.
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

// Link is AddLink for a span that is locked or that no other goroutine has yet.
func (s *Span) Link(l trace.Link) {
	if !l.SpanContext.TraceID().IsValid() {
		return
	}
	cut := max(len(l.Attributes)-MaxAttributes, 0)
	l.Attributes = l.Attributes[:len(l.Attributes)-cut]
	if len(s.Data.Links) == MaxLinks || !s.room(sizes(l.Attributes, 0)) {
		s.excess().Links++
		return
	}
	s.Data.Links = append(s.Data.Links, l)
	if cut > 0 {
		s.dropOfLink(len(s.Data.Links)-1, cut)
	}
}

// dropOfLink counts n dropped attributes of a link.
func (s *Span) dropOfLink(link, n int) {
	x := s.excess()
	s.Data.Dropped += n - 1
	for len(x.OfLinks) < link {
		x.OfLinks = append(x.OfLinks, 0)
	}
	x.OfLinks = append(x.OfLinks, n)
}

// Annotate adds an annotation, or replaces the value if the span has the key.
func (s *Span) Annotate(a attribute.KeyValue) {
	if !s.Lock() {
		return
	}
	defer s.mu.Unlock()
	s.Data.Annotations = s.set(s.Data.Annotations, a, maxMetadata)
}

// AddMetadata adds a value, or replaces the value of the same namespace and key. The span keeps
// the bytes of m.JSON: the caller must not change them. If a value is larger than a document,
// the span keeps only its beginning.
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
			} else {
				s.dropAttribute()
			}
			return
		}
	}
	if len(s.Data.Metadata) == maxMetadata || !s.room(len(m.Namespace)+len(m.Key)+len(m.JSON)) {
		s.dropAttribute()
		return
	}
	s.Data.Metadata = append(s.Data.Metadata, m)
}
