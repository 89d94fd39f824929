package xray

import (
	"encoding/hex"
	"sync"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// Config configures the encoding of documents.
type Config struct {
	// Indexed lists the keys of attributes that become annotations.
	Indexed []string

	// Links writes the links of spans as member "links", as the collector's exporter does.
	// X-Ray's documentation does not name this member. If Links is false, links are metadata.
	Links bool
}

// MaxDocument is the longest document in bytes. It is the longest payload of a UDP datagram over
// IPv4, less the header of the daemon's protocol. The service takes 64 kB. (X-Ray, Segment
// documents)
const MaxDocument = 65_507 - len(datagramHeader)

const datagramHeader = `{"format":"json","version":1}` + "\n"

// Limits of documents (X-Ray, Segment documents; AWS General Reference, X-Ray quotas).
const (
	maxName        = 200   // characters
	maxText        = 250   // bytes of other members that X-Ray knows
	maxURL         = 2_048 // bytes; X-Ray documents no limit
	maxList        = 1_000 // elements; X-Ray documents no limit
	maxCauses      = 32    // exceptions; X-Ray documents no limit
	maxAnnotation  = 1_000 // characters
	maxAnnotations = 50    // of a trace, that X-Ray indexes
	maxLinks       = 20    // of a segment
	maxDepth       = 32    // levels of a value; X-Ray documents no limit
)

// encoder holds the state of writing one document. Encoders are reused.
type encoder struct {
	attrs  spanAttributes
	cfg    *Config
	span   *Span
	limits limits
	buf    []byte
	start  int    // index of the document in buf
	names  []part // of the members of the open objects
	lost   Loss
	cuts   int // number of texts that were cut to limits.text
	whole  int // bytes of JSON values that were not cut
	depth  int // of the current value
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// AppendDatagram appends the datagram that sends s to the daemon.
func (c *Config) AppendDatagram(dst []byte, s *Span) ([]byte, Loss) {
	dst = append(dst, datagramHeader...)
	return c.AppendDocument(dst, s)
}

// AppendDocument appends the segment document of s. The document has at most MaxDocument bytes:
// values that do not fit are cut and end with a mark.
func (c *Config) AppendDocument(dst []byte, s *Span) ([]byte, Loss) {
	e := encoders.Get().(*encoder)
	e.cfg, e.span, e.buf, e.start = c, s, dst, len(dst)
	e.fit()
	dst, lost := e.buf, e.lost
	e.cfg, e.span, e.attrs.span, e.attrs.annotate, e.buf = nil, nil, nil, nil, nil
	encoders.Put(e)
	return dst, lost
}

func (e *encoder) document() {
	s, attrs := e.span, &e.attrs
	name := attrs.name()
	e.raw(`{"id":"`)
	e.hex(s.ID[:])
	e.raw(`","name":`)
	e.buf = appendName(e.buf, name)
	if len(name) > maxName && utf8.RuneCountInString(name) > maxName {
		e.lost.hit(limitName)
	}
	e.raw(`,"start_time":`)
	e.buf = appendTime(e.buf, s.Start)
	if s.End.IsZero() {
		e.raw(`,"in_progress":true`)
	} else {
		e.raw(`,"end_time":`)
		e.buf = appendMicros(e.buf, max(micros(s.End), micros(s.Start)))
	}
	e.raw(`,"trace_id":"`)
	e.buf = traceheader.AppendTraceID(e.buf, s.TraceID)
	if s.Parent.IsValid() {
		e.raw(`","parent_id":"`)
		e.hex(s.Parent[:])
	}
	e.raw(`"`)
	if s.Segment {
		if s.Function != nil {
			e.raw(`,"origin":"AWS::Lambda::Function"`)
		}
	} else {
		e.raw(`,"type":"subsegment"`)
		if ns := attrs.namespace(); ns != "" {
			e.raw(`,"namespace":"` + ns + `"`)
		}
	}
	if attrs.known || s.Segment {
		e.http()
		e.aws()
		e.sql()
	}
	e.flags()
	e.cause()
	if user := attrs.text(endUser); user != "" && s.Segment {
		e.member(`,"user":`, user, e.limits.member)
	} else {
		attrs.used[endUser] = false
	}
	if e.cfg.Links {
		e.links()
	}
	e.annotations()
	if e.limits.metadata {
		e.metadata()
	} else {
		e.raw(`,"metadata":{"default":{"cut":"the span is too large for a document; its metadata is left out"}}`)
	}
	e.raw(`}`)
}

// raw appends s. It is not inlined: inlining would double the size of this package.
//
//go:noinline
func (e *encoder) raw(s string) { e.buf = append(e.buf, s...) }

// full reports whether the document is already too large. The rest of it need not be written
// then.
func (e *encoder) full() bool { return len(e.buf)-e.start > MaxDocument }

func (e *encoder) hex(b []byte) { e.buf = hex.AppendEncode(e.buf, b) }

// text appends s as a JSON string. If s is longer than limit bytes, it is cut and ends with
// cutMark.
func (e *encoder) text(s string, limit int) {
	if len(s) <= limit {
		e.buf = jsonenc.AppendString(e.buf, s)
		return
	}
	e.lost.hit(e.limitOf(limit))
	if limit == e.limits.text {
		e.cuts++
	}
	e.raw(`"`)
	e.buf = jsonenc.AppendEscaped(e.buf, whole(s, limit-len(cutMark)))
	e.raw(cutMark + `"`)
}

const cutMark = "...[cut]"

// whole returns the first n bytes of s, without a partial character at the end.
func whole(s string, n int) string {
	for i := n; i >= 0 && i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:n] // s is not UTF-8
}

// member appends a member whose value is a string. name includes quotes, colon and any comma.
func (e *encoder) member(name, value string, limit int) {
	e.raw(name)
	e.text(value, limit)
}

// flags appends X-Ray's flags for a failed span:
//
//   - error: the caller made a mistake
//   - throttle: the callee had too many calls; error is set as well
//   - fault: the callee or the function failed
//
// A status code that the caller expected sets no flag.
func (e *encoder) flags() {
	if e.span.Status != codes.Error && e.attrs.peek(expectedError) != "" {
		return
	}
	status, _ := e.attrs.number(httpStatus)
	throttled := status == 429 || e.attrs.aws && e.span.Status == codes.Error && throttling(e.attrs.peek(errorType))
	if throttled || status >= 400 && status < 500 {
		e.raw(`,"error":true`)
	}
	if throttled {
		e.raw(`,"throttle":true`)
	}
	if status >= 500 && status < 600 || e.span.Status == codes.Error && !throttled && (status < 400 || status >= 500) {
		e.raw(`,"fault":true`)
	}
}

// throttling reports whether an AWS error code means too many calls.
func throttling(code string) bool {
	switch code {
	case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
		"TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
		"PriorRequestNotComplete", "EC2ThrottledException":
		return true
	}
	return false
}

// appendTime appends t as seconds since 1970 with a fraction.
func appendTime(dst []byte, t time.Time) []byte { return appendMicros(dst, micros(t)) }

// micros returns t as microseconds since 1970, limited to the years 1970 to 9999.
func micros(t time.Time) int64 {
	const year10000 = 253402300800
	switch seconds := t.Unix(); {
	case seconds < 0:
		return 0
	case seconds >= year10000:
		return year10000*1e6 - 1
	}
	return t.UnixMicro()
}

func appendMicros(dst []byte, micros int64) []byte {
	dst = jsonenc.AppendInt(dst, micros/1e6)
	point := len(dst)
	dst = jsonenc.AppendInt(dst, 1e6+micros%1e6) // six digits behind a 1
	dst[point] = '.'
	return dst
}
