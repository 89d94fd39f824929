package otlp

import (
	"encoding/binary"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Group is the encoded spans of an instrumentation scope.
type Group struct {
	Spans []byte // of AppendSpan, one after the other

	scope, schemaURL []byte // encoded
}

// NewGroup returns a group without spans.
func NewGroup(s *xray.Scope) Group {
	scope, at := begin(nil, 1)
	scope = appendText(scope, 1, s.Name)
	scope = appendText(scope, 2, s.Version)
	for iter := s.Attributes.Iter(); iter.Next(); {
		scope = AppendAttribute(scope, 3, iter.Attribute(), -1)
	}
	return Group{scope: end(scope, at), schemaURL: appendText(nil, 3, s.SchemaURL)}
}

// Overhead is the size of the group in a request, without its spans.
func (g *Group) Overhead() int { return 1 + binary.MaxVarintLen32 + len(g.scope) + len(g.schemaURL) }

func (g *Group) size() int { return len(g.scope) + len(g.Spans) + len(g.schemaURL) }

// Cut splits the spans of a group. The first part has at most most spans, and at most room bytes,
// but at least one span.
func (g *Group) Cut(most, room int) (first, rest Group, n int) {
	at := 0
	for n < most && at < len(g.Spans) {
		size, length := binary.Uvarint(g.Spans[at+1:])
		next := at + 1 + length + int(size)
		if next > room && n > 0 {
			break
		}
		at = next
		n++
	}
	first, rest = *g, *g
	first.Spans, rest.Spans = g.Spans[:at:at], g.Spans[at:]
	return first, rest, n
}

// Resource returns the encoded resource of a request. keys are unique.
func Resource(attrs []attribute.KeyValue) []byte {
	dst, at := begin(nil, 1)
	for _, a := range attrs {
		dst = AppendAttribute(dst, 1, a, -1)
	}
	return end(dst, at)
}

// Request returns an ExportTraceServiceRequest. schemaURL is the one of the resource.
func Request(resource []byte, schemaURL string, groups []Group) []byte {
	url := appendText(nil, 3, schemaURL)
	size := len(resource) + len(url)
	for i := range groups {
		n := groups[i].size()
		size += 1 + uvarintLen(n) + n
	}
	dst := make([]byte, 0, 1+uvarintLen(size)+size)
	dst = binary.AppendUvarint(append(dst, tag(1, message)), uint64(size))
	dst = append(dst, resource...)
	for i := range groups {
		g := &groups[i]
		dst = binary.AppendUvarint(append(dst, tag(2, message)), uint64(g.size()))
		dst = append(dst, g.scope...)
		dst = append(dst, g.Spans...)
		dst = append(dst, g.schemaURL...)
	}
	return append(dst, url...)
}

func uvarintLen(n int) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}
