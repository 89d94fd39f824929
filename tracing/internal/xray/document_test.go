package xray

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// The flags depend on the status of the response and on the status of the span.
func TestFlags(t *testing.T) {
	t.Parallel()
	const none = 0
	for _, c := range []struct {
		status                   int
		failed                   bool
		isError, throttle, fault bool
	}{
		{none, false, false, false, false},
		{none, true, false, false, true},
		{200, false, false, false, false},
		{200, true, false, false, true},
		{399, false, false, false, false},
		{400, false, true, false, false},
		{404, true, true, false, false},
		{428, false, true, false, false},
		{429, false, true, true, false},
		{429, true, true, true, false},
		{499, false, true, false, false},
		{500, false, false, false, true},
		{503, true, false, false, true},
		{599, false, false, false, true},
		{600, false, false, false, false},
		{600, true, false, false, true},
		{-1, true, false, false, true},
	} {
		for _, key := range []string{"http.status_code", "http.response.status_code"} {
			s := newSpan(trace.SpanKindClient)
			if c.status != none {
				s.Attributes = attrs{num(key, c.status)}
			}
			if c.failed {
				s.Status = codes.Error
			}
			want := members{"error": "", "throttle": "", "fault": ""}
			for name, set := range map[string]bool{"error": c.isError, "throttle": c.throttle, "fault": c.fault} {
				if set {
					want[name] = "true"
				}
			}
			d := encode(t, Config{}, s)
			check(t, d, want)
			if t.Failed() {
				t.Fatalf("%+v: %s", c, d.JSON)
			}
		}
	}
	expected := newSpan(trace.SpanKindClient, num("http.status_code", 400), str("aws.expected_error", "C"))
	check(t, encode(t, Config{}, expected), members{"error": "", "throttle": "", "fault": "", "http.response.status": "400", "cause": ""})
	expected.Status = codes.Error // for another reason than the code
	check(t, encode(t, Config{}, expected), members{"error": "true"})
	ok := newSpan(trace.SpanKindClient, num("http.status_code", 404))
	ok.Status = codes.Ok
	check(t, encode(t, Config{}, ok), members{"error": "true", "fault": ""})
}

// AWS reports too many calls by an error code, with the status 400 or 503.
func TestFlags_ErrorCodesOfThrottling(t *testing.T) {
	t.Parallel()
	aws, other := str("rpc.system", "aws-api"), str("rpc.system", "grpc")
	for _, c := range []struct {
		system   attribute.KeyValue
		code     string
		throttle string
	}{
		{aws, "ThrottlingException", "true"}, {aws, "ProvisionedThroughputExceededException", "true"}, {aws, "SlowDown", "true"},
		{aws, "ValidationException", ""}, {other, "ThrottlingException", ""},
	} {
		for status, fault := range map[int]string{400: "", 503: "true"} {
			s := newSpan(trace.SpanKindClient, c.system, num("http.status_code", status), str("error.type", c.code))
			s.Status = codes.Error
			d := encode(t, Config{}, s)
			check(t, d, members{"throttle": c.throttle, "fault": fault})
			if t.Failed() {
				t.Fatalf("%s, %d: %s", c.code, status, d.JSON)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	text, _ := new(Config).AppendDocument(nil, newSpan(trace.SpanKindInternal))
	s := newSpan(trace.SpanKindInternal)
	if d := encode(t, Config{}, s); string(d.JSON) != string(text) || d.At("start_time") != 1_700_000_000.123456 || d.At("end_time") != 1_700_000_001.623456 {
		t.Errorf("got %s, want the same document twice, with the span's times", d.JSON)
	}
	s.End = s.Start
	check(t, encode(t, Config{}, s), members{"end_time": "1700000000.123456", "in_progress": ""})
	s.End = time.Time{}
	check(t, encode(t, Config{}, s), members{"end_time": "", "in_progress": "true"})
	s.Start = time.Unix(5, 0)
	check(t, encode(t, Config{}, s), members{"start_time": "5"})
}

// Clocks and span options can produce an end before the start, and times that do not fit in
// microseconds since 1970.
func TestOddTimes(t *testing.T) {
	t.Parallel()
	const now = `"start_time":1700000000.123456`
	for name, c := range map[string]struct {
		start, end time.Time
		want       string
	}{
		"end before start": {start, start.Add(-time.Second), now + `,"end_time":1700000000.123456`},
		"end before 1970":  {start, time.Unix(-5, 0), now + `,"end_time":1700000000.123456`},
		"far end":          {start, time.Unix(1<<45, 0), now + `,"end_time":253402300799.999999`},
		"far start":        {time.Unix(1<<43, 0), time.Unix(1<<45, 0), `"start_time":253402300799.999999,"end_time":253402300799.999999`},
		"last second":      {time.Unix(253402300799, 0), time.Unix(253402300800, 0), `"start_time":253402300799.000000,"end_time":253402300799.999999`},
		"long ago":         {time.Unix(-1<<45, 0), start, `"start_time":0.000000,"end_time":1700000000.123456`},
		"before 1970":      {time.Unix(-1, 5e8), time.Unix(0, 0), `"start_time":0.000000,"end_time":0.000000`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpan(internal)
			s.Start, s.End = c.start, c.end
			if d := encode(t, Config{}, s); !strings.Contains(string(d.JSON), c.want) {
				t.Errorf("got %s, want %s in it", d.JSON, c.want)
			}
		})
	}
}
