// Package otlp encodes spans as requests of OpenTelemetry's protocol, OTLP, in protobuf. It does
// not use a protobuf library: a library and the generated messages cost several megabytes.
//
// A span is encoded when it ends, as an element of its group. A group has the spans of one
// instrumentation scope. A request frames groups and a resource. (opentelemetry-proto v1.11.0,
// trace.proto, common.proto, resource.proto)
package otlp

import (
	"encoding/binary"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Limits cuts spans further than package record does. A negative limit is none.
// (OpenTelemetry specification, SpanLimits)
type Limits struct {
	Attributes      int // of a span, with annotations and metadata
	Events          int
	Links           int
	EventAttributes int
	LinkAttributes  int
	ValueLength     int // characters of a string in an attribute
}

// NoLimits are limits that cut nothing.
var NoLimits = Limits{Attributes: -1, Events: -1, Links: -1, EventAttributes: -1, LinkAttributes: -1, ValueLength: -1}

// Encoder describes how spans are encoded.
type Encoder struct {
	Limits    Limits
	Namespace string // metadata of this namespace has its key alone; others have a prefix

	// Annotated lists the keys of annotations in the attribute aws.xray.annotations, which X-Ray
	// reads. Indexed are the keys of attributes that are also listed.
	Annotated bool
	Indexed   []string
}

// Flags of Span and Link beyond those of W3C. (trace.proto, SpanFlags)
const (
	remoteIsKnown = 0x100
	isRemote      = 0x200
)

const fieldSpans = 2 // of ScopeSpans

// AppendSpan appends a span that has ended, as an element of a group.
func (e *Encoder) AppendSpan(dst []byte, sc trace.SpanContext, s *xray.Span) []byte {
	var excess xray.Excess
	if s.Excess != nil {
		excess = *s.Excess
	}
	id, own := sc.TraceID(), sc.SpanID()
	dst, at := begin(dst, fieldSpans)
	dst = appendBytes(dst, 1, id[:])
	dst = appendBytes(dst, 2, own[:])
	dst = appendState(dst, 3, sc.TraceState())
	if s.Parent.IsValid() {
		dst = appendBytes(dst, 4, s.Parent[:])
	}
	dst = appendText(dst, 5, s.Name)
	if s.Kind != trace.SpanKindUnspecified {
		dst = appendUint(dst, 6, uint64(s.Kind))
	}
	dst = appendTime(dst, 7, s.Start)
	dst = appendTime(dst, 8, s.End)
	dst, left := e.appendAttributes(dst, s)
	dst = appendCount(dst, 10, excess.Attributes+left)
	events := s.Events
	if n := len(events) - e.Limits.Events; e.Limits.Events >= 0 && n > 0 {
		events = events[n:] // the newest stay
		excess.Events += n
	}
	for i := range events {
		dst = e.appendEvent(dst, &events[i])
	}
	dst = appendCount(dst, 12, excess.Events)
	links := s.Links[:kept(len(s.Links), e.Limits.Links)]
	for i := range links {
		cut := 0
		if i < len(excess.OfLinks) {
			cut = excess.OfLinks[i]
		}
		dst = e.appendLink(dst, &links[i], cut)
	}
	dst = appendCount(dst, 14, excess.Links+len(s.Links)-len(links))
	dst = appendStatus(dst, s)
	return end(appendFlags(dst, 16, sc.TraceFlags(), s.Remote), at)
}

// kept returns how many of n values a limit leaves.
func kept(n, limit int) int {
	if limit < 0 {
		return n
	}
	return min(n, limit)
}

// appendAttributes appends the annotations, attributes and metadata. Keys are unique: an annotation
// wins over an attribute, and both win over metadata. It returns how many the limit left out.
func (e *Encoder) appendAttributes(dst []byte, s *xray.Span) (out []byte, left int) {
	const field = 9
	room, limit := e.Limits.Attributes, e.Limits.ValueLength
	if e.Annotated {
		dst = e.appendAnnotated(dst, s)
	}
	for i := range s.Annotations {
		if room--; room == -1 {
			room, left = 0, left+1
			continue
		}
		dst = AppendAttribute(dst, field, s.Annotations[i], limit)
	}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if e.Annotated && a.Key == xray.Annotations || has(s.Annotations, a.Key) {
			continue
		}
		if room--; room == -1 {
			room, left = 0, left+1
			continue
		}
		dst = AppendAttribute(dst, field, *a, limit)
	}
	for i := range s.Metadata {
		m := &s.Metadata[i]
		key := m.Key
		if m.Namespace != e.Namespace && m.Namespace != "default" {
			key = m.Namespace + "." + key
		}
		if has(s.Annotations, attribute.Key(key)) || has(s.Attributes, attribute.Key(key)) {
			continue
		}
		if room--; room == -1 {
			room, left = 0, left+1
			continue
		}
		dst = appendTextAttribute(dst, field, key, string(m.JSON), limit)
	}
	return dst, left
}

// appendAnnotated appends the list of annotations.
func (e *Encoder) appendAnnotated(dst []byte, s *xray.Span) []byte {
	var keys []string
	for i := range s.Annotations {
		keys = append(keys, string(s.Annotations[i].Key))
	}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		switch {
		case a.Key == xray.Annotations && a.Value.Type() == attribute.STRINGSLICE:
			keys = append(keys, a.Value.AsStringSlice()...)
		case slices.Contains(e.Indexed, string(a.Key)):
			keys = append(keys, string(a.Key))
		}
	}
	if len(keys) == 0 {
		return dst
	}
	return AppendAttribute(dst, 9, xray.Annotations.StringSlice(keys), -1)
}

//go:noinline
func has(list []attribute.KeyValue, key attribute.Key) bool {
	for i := range list {
		if list[i].Key == key {
			return true
		}
	}
	return false
}

func (e *Encoder) appendEvent(dst []byte, ev *xray.Event) []byte {
	const field = 3
	dst, at := begin(dst, 11)
	dst = appendTime(dst, 1, ev.Time)
	dst = appendText(dst, 2, ev.Name)
	limit := e.Limits.ValueLength
	if len(ev.Exceptions) > 0 { // the first one; its message contains those that it wraps
		x := &ev.Exceptions[0]
		dst = appendTextAttribute(dst, field, string(xray.ExceptionType), x.Type, limit)
		dst = appendTextAttribute(dst, field, string(xray.ExceptionMessage), x.Message, limit)
		if x.Stack != "" {
			dst = appendTextAttribute(dst, field, string(xray.ExceptionStacktrace), x.Stack, limit)
		}
	}
	n := kept(len(ev.Attributes), e.Limits.EventAttributes)
	for i := range ev.Attributes[:n] {
		a := &ev.Attributes[i]
		if len(ev.Exceptions) > 0 && (a.Key == xray.ExceptionType || a.Key == xray.ExceptionMessage || a.Key == xray.ExceptionStacktrace) {
			continue
		}
		if has(ev.Attributes[i+1:n], a.Key) {
			continue
		}
		dst = AppendAttribute(dst, field, *a, limit)
	}
	dst = appendCount(dst, 4, ev.Dropped+len(ev.Attributes)-n)
	return end(dst, at)
}

func (e *Encoder) appendLink(dst []byte, l *trace.Link, dropped int) []byte {
	id, span := l.SpanContext.TraceID(), l.SpanContext.SpanID()
	dst, at := begin(dst, 13)
	dst = appendBytes(dst, 1, id[:])
	dst = appendBytes(dst, 2, span[:])
	dst = appendState(dst, 3, l.SpanContext.TraceState())
	n := kept(len(l.Attributes), e.Limits.LinkAttributes)
	for i := range l.Attributes[:n] {
		if !has(l.Attributes[i+1:n], l.Attributes[i].Key) {
			dst = AppendAttribute(dst, 4, l.Attributes[i], e.Limits.ValueLength)
		}
	}
	dst = appendCount(dst, 5, dropped+len(l.Attributes)-n)
	return end(appendFlags(dst, 6, l.SpanContext.TraceFlags(), l.SpanContext.IsRemote()), at)
}

//go:noinline
func appendState(dst []byte, field byte, state trace.TraceState) []byte {
	if state.Len() == 0 {
		return dst
	}
	return appendText(dst, field, state.String())
}

func appendStatus(dst []byte, s *xray.Span) []byte {
	if s.Status == codes.Unset {
		return dst
	}
	code := uint64(1) // OTLP's numbers are not those of the package codes
	if s.Status == codes.Error {
		code = 2
	}
	dst, at := begin(dst, 15)
	dst = appendText(dst, 2, s.Description)
	return end(appendUint(dst, 3, code), at)
}

//go:noinline
func appendTime(dst []byte, field byte, t time.Time) []byte {
	return appendFixed64(dst, field, uint64(max(0, t.UnixNano())))
}

// appendFlags appends the flags of a span or link. The number of the field may be more than 15.
//
//go:noinline
func appendFlags(dst []byte, field uint64, flags trace.TraceFlags, remote bool) []byte {
	v := uint32(flags) | remoteIsKnown
	if remote {
		v |= isRemote
	}
	return binary.LittleEndian.AppendUint32(binary.AppendUvarint(dst, field<<3|fixed32), v)
}
