package xray

import (
	"encoding/hex"
	"sync"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

// Config says how documents are written.
type Config struct {
	// Indexed are the keys of attributes that become annotations.
	Indexed []string

	// Links writes the links of spans in the member that the collector's exporter
	// uses, which X-Ray's public documentation does not name; else as metadata.
	Links bool
}

// MaxDocument is the longest document in bytes: what a datagram over IPv4 holds, less the
// header of the daemon's protocol. The service takes 64 kB. (X-Ray, Segment documents)
const MaxDocument = 65_507 - len(datagramHeader)

const datagramHeader = `{"format":"json","version":1}` + "\n"

// Limits of documents (X-Ray, Segment documents; AWS General Reference, X-Ray quotas).
const (
	maxName        = 200   // characters
	maxText        = 250   // bytes of a member, if nothing else is said
	maxURL         = 2_048 // bytes; X-Ray documents no limit
	maxList        = 1_000 // elements; X-Ray documents no limit
	maxCauses      = 32    // exceptions; X-Ray documents no limit
	maxAnnotation  = 1_000 // characters
	maxAnnotations = 50    // indexed in a trace
	maxLinks       = 20    // of a segment
	maxDepth       = 32    // levels of a value; X-Ray documents no limit
)

// encoder holds the state of a document that is being written. It is reused.
type encoder struct {
	facts  facts
	cfg    *Config
	span   *Span
	effort effort
	buf    []byte
	start  int    // of the document in buf
	names  []part // of the members of objects that are being written
	lost   Loss
	cuts   int // texts that are cut to effort.text
	whole  int // bytes of JSON values that are not cut
	depth  int // of the value that is being written
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// AppendDatagram appends the datagram that tells the daemon of s.
func (c *Config) AppendDatagram(dst []byte, s *Span) ([]byte, Loss) {
	dst = append(dst, datagramHeader...)
	return c.AppendDocument(dst, s)
}

// AppendDocument appends the segment document of s, of at most MaxDocument bytes. It cuts
// values that do not fit, with a mark.
func (c *Config) AppendDocument(dst []byte, s *Span) ([]byte, Loss) {
	e := encoders.Get().(*encoder)
	e.cfg, e.span, e.buf, e.start = c, s, dst, len(dst)
	e.fit()
	dst, lost := e.buf, e.lost
	e.cfg, e.span, e.facts.span, e.facts.annotate, e.buf = nil, nil, nil, nil, nil
	encoders.Put(e)
	return dst, lost
}

func (e *encoder) document() {
	s, f := e.span, &e.facts
	name := f.name()
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
	e.buf = header.AppendTraceID(e.buf, s.TraceID)
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
		if ns := f.namespace(); ns != "" {
			e.raw(`,"namespace":"` + ns + `"`)
		}
	}
	if f.known || s.Segment {
		e.http()
		e.aws()
		e.sql()
	}
	e.flags()
	e.cause()
	if user := f.text(endUser); user != "" && s.Segment {
		e.member(`,"user":`, user, e.effort.member)
	} else {
		f.used[endUser] = false
	}
	if e.cfg.Links {
		e.links()
	}
	e.annotations()
	if e.effort.metadata {
		e.metadata()
	} else {
		e.raw(`,"metadata":{"default":{"cut":"the span is too large for a document; its metadata is left out"}}`)
	}
	e.raw(`}`)
}

// raw appends s. It is not inlined, which would double the size of this package.
//
//go:noinline
func (e *encoder) raw(s string) { e.buf = append(e.buf, s...) }

// full reports whether the document is too large already, so that more effort is needed
// anyway.
func (e *encoder) full() bool { return len(e.buf)-e.start > MaxDocument }

func (e *encoder) hex(b []byte) { e.buf = hex.AppendEncode(e.buf, b) }

// text appends s as a JSON string of at most limit bytes of s, with a mark where it is
// longer.
func (e *encoder) text(s string, limit int) {
	if len(s) <= limit {
		e.buf = jsonenc.AppendString(e.buf, s)
		return
	}
	e.lost.hit(e.limitOf(limit))
	if limit == e.effort.text {
		e.cuts++
	}
	e.raw(`"`)
	e.buf = jsonenc.AppendEscaped(e.buf, whole(s, limit-len(cutMark)))
	e.raw(cutMark + `"`)
}

const cutMark = "...[cut]"

// whole returns the first n bytes of s, less those of a character that would be cut.
func whole(s string, n int) string {
	for i := n; i >= 0 && i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:n] // which is not UTF-8
}

// member appends a member whose value is a string; name comes with its punctuation.
func (e *encoder) member(name, value string, limit int) {
	e.raw(name)
	e.text(value, limit)
}

// flags appends what kind of trouble there was: error is the caller's, fault that of what
// was called or of the function, throttle a refusal for now, which is an error as well. A code
// that the caller expected sets no flag.
func (e *encoder) flags() {
	if e.span.Status != codes.Error && e.facts.peek(expectedError) != "" {
		return
	}
	status, _ := e.facts.number(httpStatus)
	throttled := status == 429 || e.facts.aws && e.span.Status == codes.Error && throttling(e.facts.peek(errorType))
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

// throttling reports whether an AWS error code means that there were too many calls.
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

// micros returns t as microseconds since 1970, within bounds that any parser knows.
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
	dst = appendInt(dst, micros/1e6)
	frac := micros % 1e6
	dst = append(dst, '.')
	for unit := int64(1e5); unit > 0; unit /= 10 {
		dst = append(dst, '0'+byte(frac/unit%10))
	}
	return dst
}
