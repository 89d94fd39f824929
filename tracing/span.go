package tracing

import (
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Limits of a span. (OpenTelemetry specification, SpanLimits)
const (
	maxAttributes      = 128
	maxEvents          = 128
	maxLinks           = 128
	maxEventAttributes = 128
	maxMetadata        = 128 // and of annotations
)

// span is a trace.Span of the own provider.
type span struct {
	embedded.Span
	scope     *scope
	sc        trace.SpanContext
	recording bool // sampled
	ids       atomic.Pointer[ids]

	mu    sync.Mutex
	data  xray.Span
	ended bool
	shown bool // as in progress

	prev, next *span // that are open, guarded by scope.mu
}

func (s *span) init(id trace.TraceID, own, parent trace.SpanID, state trace.TraceState, name string) {
	s.sc = trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: own, TraceFlags: trace.FlagsSampled, TraceState: state})
	s.data.TraceID, s.data.ID, s.data.Parent, s.data.Name = id, own, parent, name
}

// SpanContext implements trace.Span.
func (s *span) SpanContext() trace.SpanContext { return s.sc }

// TracerProvider implements trace.Span.
func (s *span) TracerProvider() trace.TracerProvider { return &s.scope.tracer.own }

// IsRecording implements trace.Span.
func (s *span) IsRecording() bool {
	if !s.recording {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended
}

// lock reports whether the span may still be changed, and holds s.mu if so.
func (s *span) lock() bool {
	if !s.recording {
		return false
	}
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	return true
}

// SetName implements trace.Span.
func (s *span) SetName(name string) {
	if s.lock() {
		s.data.Name = name
		s.mu.Unlock()
	}
}

// SetStatus implements trace.Span.
func (s *span) SetStatus(code codes.Code, description string) {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	if s.data.Status == codes.Ok && code != codes.Ok || code == codes.Unset {
		return // nothing overrides Ok (OpenTelemetry specification, Set Status)
	}
	if code != codes.Error {
		description = ""
	}
	s.data.Status, s.data.Description = code, description
}

// SetAttributes implements trace.Span.
func (s *span) SetAttributes(attrs ...attribute.KeyValue) {
	if s.lock() {
		s.addAttributes(attrs)
		s.mu.Unlock()
	}
}

func (s *span) addAttributes(attrs []attribute.KeyValue) {
	if s.data.Attributes == nil && len(attrs) > 0 {
		s.data.Attributes = make([]attribute.KeyValue, 0, len(attrs))
	}
	for _, a := range attrs {
		if !a.Valid() {
			s.data.Dropped++
			continue
		}
		var ok bool
		if s.data.Attributes, ok = setAttribute(s.data.Attributes, a, maxAttributes); !ok {
			s.data.Dropped++
		}
	}
}

// setAttribute adds a, or gives the attribute of its key a new value.
func setAttribute(list []attribute.KeyValue, a attribute.KeyValue, limit int) ([]attribute.KeyValue, bool) {
	for i := range list {
		if list[i].Key == a.Key {
			list[i].Value = a.Value
			return list, true
		}
	}
	if len(list) >= limit {
		return list, false
	}
	return append(list, a), true
}

// AddEvent implements trace.Span.
func (s *span) AddEvent(name string, opts ...trace.EventOption) {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	cfg := trace.NewEventConfig(opts...)
	s.addEvent(xray.Event{Name: name, Time: cfg.Timestamp(), Attributes: cfg.Attributes()})
}

// addEvent keeps the newest events, as the SDK does.
func (s *span) addEvent(ev xray.Event) {
	if n := len(ev.Attributes) - maxEventAttributes; n > 0 {
		ev.Attributes = ev.Attributes[:maxEventAttributes]
		s.data.Dropped += n
	}
	if len(s.data.Events) == maxEvents {
		s.data.Events = slices.Delete(s.data.Events, 0, 1)
		s.data.Dropped++
	}
	s.data.Events = append(s.data.Events, ev)
}

// RecordError implements trace.Span. A stack is that of the error, where it carries one;
// else, where WithStackTrace asks for it, the caller's.
func (s *span) RecordError(err error, opts ...trace.EventOption) {
	if err == nil || !s.lock() {
		return
	}
	defer s.mu.Unlock()
	cfg := trace.NewEventConfig(opts...)
	stack := xray.StackOf(err)
	if stack == "" && cfg.StackTrace() {
		stack = xray.Stack(0)
	}
	attrs := append(exception(xray.TypeName(err), errorText(err), stack), cfg.Attributes()...)
	s.addEvent(xray.Event{Name: xray.ExceptionEvent, Time: cfg.Timestamp(), Attributes: attrs, Err: err})
}

// AddLink implements trace.Span.
func (s *span) AddLink(l trace.Link) {
	if s.lock() {
		s.addLink(l)
		s.mu.Unlock()
	}
}

func (s *span) addLink(l trace.Link) {
	switch {
	case !l.SpanContext.TraceID().IsValid():
	case len(s.data.Links) == maxLinks:
		s.data.Dropped++
	default:
		s.data.Links = append(s.data.Links, l)
	}
}

// annotate adds an annotation, or gives the one of its key a new value.
func (s *span) annotate(a attribute.KeyValue) {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	var ok bool
	if s.data.Annotations, ok = setAttribute(s.data.Annotations, a, maxMetadata); !ok {
		s.data.Dropped++
	}
}

// addMetadata adds a value, or gives the one of its key a new one.
func (s *span) addMetadata(m xray.Metadata) {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	for i := range s.data.Metadata {
		if old := &s.data.Metadata[i]; old.Key == m.Key && old.Namespace == m.Namespace {
			old.JSON = m.JSON
			return
		}
	}
	if len(s.data.Metadata) == maxMetadata {
		s.data.Dropped++
		return
	}
	s.data.Metadata = append(s.data.Metadata, m)
}

// End implements trace.Span.
func (s *span) End(opts ...trace.SpanEndOption) {
	if !s.lock() {
		return
	}
	var end time.Time
	if len(opts) > 0 {
		cfg := trace.NewSpanEndConfig(opts...)
		end = cfg.Timestamp()
	}
	if end.IsZero() {
		end = s.scope.tracer.now()
	}
	if end.Before(s.data.Start) {
		end = s.data.Start
	}
	s.data.End = end
	s.ended = true
	s.scope.closed(s)
	// Nobody changes the span any more, but its document may be on its way as one in
	// progress; the last one has to come after it.
	s.scope.tracer.daemon.Send(&s.data, s.scope.capture)
	s.mu.Unlock()
}

// show sends the span as one in progress, once.
func (s *span) show() {
	if !s.lock() {
		return
	}
	defer s.mu.Unlock()
	if !s.shown {
		s.shown = true
		s.scope.tracer.daemon.Send(&s.data, s.scope.capture)
	}
}

// ids are the ids of a span as text.
type ids struct{ trace, span string }

func (s *span) text() *ids {
	if x := s.ids.Load(); x != nil {
		return x
	}
	id, own := s.sc.TraceID(), s.sc.SpanID()
	x := &ids{hex.EncodeToString(id[:]), hex.EncodeToString(own[:])}
	s.ids.Store(x)
	return x
}
