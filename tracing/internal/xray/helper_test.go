package xray

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/xraytest"
)

var (
	str   = attribute.String
	num   = attribute.Int
	start = time.Unix(1_700_000_000, 123_456_789)
)

// attrs is a short name for tables.
type attrs = []attribute.KeyValue

// newSpan returns an ended span for a subsegment.
func newSpan(kind trace.SpanKind, list ...attribute.KeyValue) *Span {
	return &Span{
		TraceID: trace.TraceID{0x58, 0x1c, 0xf7, 0x71, 0xa0, 0x06, 0x64, 0x91, 0x27, 0xe3, 0x71, 0x90, 0x3a, 0x2d, 0xe9, 0x79},
		ID:      trace.SpanID{1, 2, 3, 4, 5, 6, 7, 8},
		Parent:  trace.SpanID{8, 7, 6, 5, 4, 3, 2, 1},
		Name:    "span name", Kind: kind,
		Start: start, End: start.Add(1500 * time.Millisecond),
		Attributes: list,
	}
}

// newSegment returns an ended span for a segment.
func newSegment(kind trace.SpanKind, list ...attribute.KeyValue) *Span {
	s := newSpan(kind, list...)
	s.Segment = true
	return s
}

// encode returns the document of s. It fails the test if the document is not valid.
func encode(t testing.TB, cfg Config, s *Span) xraytest.Document {
	t.Helper()
	d, _ := encodeLoss(t, cfg, s)
	return d
}

func encodeLoss(t testing.TB, cfg Config, s *Span) (xraytest.Document, Loss) {
	t.Helper()
	text, lost := cfg.AppendDocument(nil, s)
	if !json.Valid(text) {
		t.Fatalf("got %.2000s, want JSON", text)
	}
	if bytes.ContainsAny(text, "\n\r") {
		t.Errorf("got document %.1000q, want one line", text)
	}
	again, lostAgain := cfg.AppendDocument([]byte("before"), s)
	if string(again) != "before"+string(text) || lost != lostAgain {
		t.Errorf("second time: got\n%.1000s\nwant\n%.1000s", again, text)
	}
	return xraytest.Decode(t, text), lost
}

// equal compares a value of a document with JSON text. Empty text means that the value is absent.
func equal(t testing.TB, what string, got any, want string) {
	t.Helper()
	var v any
	if want != "" {
		if err := json.Unmarshal([]byte(want), &v); err != nil {
			t.Fatalf("wanted text %s: got %v, want JSON", want, err)
		}
	}
	if !reflect.DeepEqual(got, v) {
		text, _ := json.Marshal(got)
		t.Errorf("%s: got %.3000s, want %s", what, text, want)
	}
}

// members maps paths in a document to the wanted JSON. Empty text means that the member is absent.
type members map[string]string

func check(t testing.TB, d xraytest.Document, want members) {
	t.Helper()
	for path, value := range want {
		equal(t, path, d.At(path), value)
	}
}

func strs(key string, values ...string) attribute.KeyValue {
	return attribute.StringSlice(key, values)
}

// noSecret reports whether a document does not contain the tests' secret.
func noSecret(document []byte) bool { return !bytes.Contains(document, []byte("hidden")) }

// link returns a link to span n of a trace.
func link(n byte, list ...attribute.KeyValue) trace.Link {
	return trace.Link{
		SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{0: 0xab, 15: n}, SpanID: trace.SpanID{7: n}}),
		Attributes:  list,
	}
}
