package header

import (
	"encoding/hex"

	"go.opentelemetry.io/otel/trace"
)

// ParseTraceParent parses a W3C traceparent header, such as
// "00-5759e988bd862e3fe1be46a994272793-557abcec3ee5a047-01". It returns the zero
// SpanContext if the header is malformed. (W3C, Trace Context, version 00 and later versions)
func ParseTraceParent(s string) trace.SpanContext {
	const size = 55
	if len(s) < size || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return trace.SpanContext{}
	}
	var version, flags [1]byte
	var id trace.TraceID
	var span trace.SpanID
	for _, part := range []struct {
		dst []byte
		hex string
	}{{version[:], s[:2]}, {id[:], s[3:35]}, {span[:], s[36:52]}, {flags[:], s[53:55]}} {
		if _, err := hex.Decode(part.dst, []byte(part.hex)); err != nil {
			return trace.SpanContext{}
		}
	}
	if version[0] == 0xff || version[0] == 0 && len(s) != size || len(s) > size && s[size] != '-' {
		return trace.SpanContext{}
	}
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: span, TraceFlags: trace.TraceFlags(flags[0]) & trace.FlagsSampled, Remote: true,
	})
}

// AppendTraceParent appends the traceparent header of a call inside the span of sc.
func AppendTraceParent(dst []byte, sc trace.SpanContext) []byte {
	id, span := sc.TraceID(), sc.SpanID()
	dst = append(dst, "00-"...)
	dst = hex.AppendEncode(dst, id[:])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, span[:])
	if sc.IsSampled() {
		return append(dst, "-01"...)
	}
	return append(dst, "-00"...)
}
