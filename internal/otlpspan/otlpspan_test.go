package otlpspan

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/segment"
)

// msg returns a field with a message, a text or bytes.
func msg(number uint64, parts ...string) string {
	data := strings.Join(parts, "")
	return string(binary.AppendUvarint(binary.AppendUvarint(nil, number<<3|message), uint64(len(data)))) + data
}

func num(number, n uint64) string {
	return string(binary.AppendUvarint(binary.AppendUvarint(nil, number<<3|varint), n))
}

func fix(number, n uint64) string {
	return string(binary.LittleEndian.AppendUint64(binary.AppendUvarint(nil, number<<3|fixed64), n))
}

func attr(number uint64, key, value string) string {
	return msg(number, msg(1, key), msg(2, value))
}

// request returns a request with one span.
func request(fields ...string) []byte {
	return []byte(msg(1, msg(1, attr(1, "service.name", msg(1, "orders"))), msg(2, msg(1, msg(1, "scope")), msg(2, fields...))))
}

const ids = "\x0a\x10\x57\x59\xe9\x88\xbd\x86\x2e\x3f\xe1\xbe\x46\xa9\x94\x27\x27\x93" + "\x12\x08\x53\x99\x5c\x3f\x42\xcd\x8a\xd8"

func one(t *testing.T, fields ...string) segment.Document {
	t.Helper()
	all, err := Read(request(append([]string{ids}, fields...)...))
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d spans and the error %v, want one", len(all), err)
	}
	return all[0]
}

func TestRead_ClientSpan(t *testing.T) {
	t.Parallel()
	d := one(t, msg(4, "\x01\x02\x03\x04\x05\x06\x07\x08"), msg(5, "POST"), num(6, client), fix(7, 1_000_000_000), fix(8, 1_500_000_000),
		attr(9, "http.request.method", msg(1, "POST")), attr(9, "http.response.status_code", num(3, 503)), attr(9, "ratio", fix(4, math.Float64bits(0.5))),
		msg(15, msg(2, "unavailable"), num(3, statusError)))
	if d.TraceID != "1-5759e988-bd862e3fe1be46a994272793" || d.ID != "53995c3f42cd8ad8" || d.ParentID != "0102030405060708" {
		t.Errorf("got the ids %s %s %s, want those of the span in X-Ray's form", d.TraceID, d.ID, d.ParentID)
	}
	if d.Name != "POST" || d.StartTime != 1 || d.EndTime != 1.5 || d.Namespace != "remote" || d.Type != "subsegment" || !d.Fault {
		t.Errorf("got %+v, want a failed call from 1 s to 1.5 s", d)
	}
	if d.HTTP.Request.Method != "POST" || d.HTTP.Response.Status != 503 || d.Annotations["ratio"] != 0.5 {
		t.Errorf("got %+v and the attributes %v, want POST 503 and all attributes", d.HTTP, d.Annotations)
	}
	if x := d.Cause.Exceptions; len(x) != 1 || x[0].Message != "unavailable" {
		t.Errorf("got the exceptions %+v, want the message of the status", x)
	}
}

func TestRead_EventsLinksAndExceptions(t *testing.T) {
	t.Parallel()
	d := one(t, num(6, server), fix(7, 1_000_000_000),
		msg(11, fix(1, 1_002_000_000), msg(2, "declined"), attr(3, "final", num(2, 1))),
		msg(11, fix(1, 1_003_000_000), msg(2, "exception"), attr(3, "exception.type", msg(1, "*errors.errorString")),
			attr(3, "exception.message", msg(1, "boom")), attr(3, "exception.stacktrace", msg(1, "main.go:1"))),
		msg(13, "\x0a\x10\x57\x59\xe9\x88\xbd\x86\x2e\x3f\xe1\xbe\x46\xa9\x94\x27\x27\x93", msg(2, "\x01\x02\x03\x04\x05\x06\x07\x08")))
	want := `{"OpenTelemetry":{"events":[{"name":"declined","after_ms":2,"attributes":{"final":true}}],"links":["1-5759e988-bd862e3fe1be46a994272793 0102030405060708"]}}`
	if string(d.RawMetadata) != want {
		t.Errorf("got the metadata %s, want %s", d.RawMetadata, want)
	}
	if x := d.Cause.Exceptions; len(x) != 1 || x[0].Type != "*errors.errorString" || x[0].Message != "boom" || x[0].StackText() != "main.go:1" {
		t.Errorf("got the exceptions %+v, want the recorded one", x)
	}
	if d.Type != "" || d.Namespace != "" {
		t.Errorf("got the type %q and the namespace %q, want a segment", d.Type, d.Namespace)
	}
}

func TestRead_DepthIsBounded(t *testing.T) {
	t.Parallel()
	value := msg(1, "deep")
	for range 1000 {
		value = msg(5, msg(1, value))
	}
	text, err := json.Marshal(one(t, attr(9, "list", value)).Annotations["list"])
	if err != nil || strings.Count(string(text), "[") != maxDepth+1 {
		t.Errorf("got %s and the error %v, want %d lists inside each other", text, err, maxDepth+1)
	}
}

func TestRead_BrokenRequests(t *testing.T) {
	t.Parallel()
	whole := request(ids, msg(5, "name"), fix(7, 1))
	for n := 1; n < len(whole); n++ {
		if all, err := Read(whole[:n]); err == nil {
			t.Errorf("got %d spans of the first %d bytes of %d, want an error", len(all), n, len(whole))
		}
	}
	for _, text := range []string{"\x0b", "\x0f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", msg(1, msg(2, msg(2, "\x39\x01")))} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("got no error for %q, want one", text)
		}
	}
}

// Whatever a function sends, it can be shown as JSON.
func FuzzRead(f *testing.F) {
	f.Add(request(ids, msg(5, "name"), num(6, client), fix(7, 1), fix(8, 2), attr(9, "a", msg(5, msg(1, msg(1, "x"))))))
	f.Add(request(ids, attr(9, "nan", fix(4, math.Float64bits(math.NaN()))), msg(11, msg(2, "exception"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := Read(data)
		for _, d := range all {
			if _, jsonErr := json.Marshal(d.Annotations); jsonErr != nil {
				t.Fatalf("got %v for the attributes %v (and %v), want values of JSON", jsonErr, d.Annotations, err)
			}
			if d.RawMetadata != nil && !json.Valid(d.RawMetadata) {
				t.Fatalf("got the metadata %s, want JSON", d.RawMetadata)
			}
		}
	})
}
