package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/segment"
)

// shownResult returns what a screen shows of a result.
func shownResult(r *emulator.Result) string {
	s, out := testScreen()
	r.Size = int64(len(r.Payload))
	s.result("event.json", r, &options{memory: 128}, trace{})
	return out.String()
}

func TestResult_Report(t *testing.T) {
	t.Parallel()
	r := &emulator.Result{RequestID: "1", Duration: 1500 * time.Microsecond, InitDuration: 2 * time.Millisecond, MaxRSS: 5<<20 + 1}
	const want = "REPORT RequestId: 1  Duration: 1.50 ms  Billed Duration: 4 ms  Memory Size: 128 MB  Max Memory Used: 6 MB  Init Duration: 2.00 ms"
	if got := r.Report(128); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestResult_WorkAfterTheResponse(t *testing.T) {
	t.Parallel()
	got := shownResult(&emulator.Result{Payload: []byte("1"), After: 31 * time.Millisecond})
	contains(t, got, "after the response: 31.00 ms of work, billed; the caller did not wait for it\n")
	if got := shownResult(&emulator.Result{Payload: []byte("1"), After: extensionTime}); strings.Contains(got, "after the response") {
		t.Errorf("got %s, want no line about an extension without work", got)
	}
	got = shownResult(&emulator.Result{Payload: []byte("1"), After: time.Second, TimedOutAfter: true})
	contains(t, got, "after the response: the work did not end before the timeout, and Lambda ends the process\n")
}

func TestResult_BodyOfAnHTTPResponseIsDecoded(t *testing.T) {
	t.Parallel()
	got := shownResult(&emulator.Result{Payload: []byte(`{"statusCode":200,"headers":{"a":"b"},"body":"{\"id\":[1]}"}`)})
	contains(t, got, `  {
    "statusCode": 200,
    "headers": {
      "a": "b"
    },
    "body": (JSON in a string) {
      "id": [
        1
      ]
    }
  }
`)
}

func TestResult_OtherBodiesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		`{"statusCode":200,"body":"text"}`, `{"statusCode":200,"body":""}`, `{"statusCode":200,"body":"1"}`, `{"statusCode":200,"body":"{"}`,
		`{"statusCode":200,"body":{"a":1}}`, `{"body":"{}"}`, `{"statusCode":200,"other":"{}"}`,
	} {
		if got := shownResult(&emulator.Result{Payload: []byte(payload)}); strings.Contains(got, "JSON in a string") {
			t.Errorf("%s: got %s", payload, got)
		}
	}
}

func TestResult_StackHasAFrameALine(t *testing.T) {
	t.Parallel()
	got := shownResult(&emulator.Result{ErrorType: "T", Payload: []byte(`{"errorMessage":"m","errorType":"T","stackTrace":[{"path":"a.go","line":1,"label":"f"},{"path":"b.go","line":2,"label":"g"}]}`)})
	contains(t, got, `failed on event.json: T`, `    "stackTrace": [
      {"path": "a.go", "line": 1, "label": "f"},
      {"path": "b.go", "line": 2, "label": "g"}
    ]
`)
}

func TestResult_StackIsShownOnce(t *testing.T) {
	t.Parallel()
	s, out := testScreen()
	io.WriteString(s.lines(""), `{"level":"ERROR","message":"m","function_request_id":"1","error":{"type":"T","message":"boom","stack":"f\n\ta.go:1"}}`+"\n")
	payload := []byte(`{"errorMessage":"boom","errorType":"T","stackTrace":[{"path":"a.go","line":1,"label":"f"}]}`)
	s.result("e", &emulator.Result{RequestID: "1", ErrorType: "T", Payload: payload}, &options{}, trace{})
	if n := strings.Count(out.String(), "a.go"); n != 1 {
		t.Errorf("the frame is shown %d times, want once:\n%s", n, out)
	}
	out.Reset()
	s.result("e", &emulator.Result{RequestID: "2", ErrorType: "T", Payload: payload}, &options{}, trace{})
	contains(t, out.String(), "a.go")
	if len(s.stacks) != 0 {
		t.Error("the request is remembered after its result")
	}
}

func TestResult_FailureOfAnAnsweredInvocation(t *testing.T) {
	t.Parallel()
	got := shownResult(&emulator.Result{Payload: []byte(`{"statusCode":500}`), Failure: &emulator.Failure{Type: "T", Message: "no\nstock"}})
	contains(t, got, `failed on event.json: T: no\nstock; the function answered`, `"statusCode": 500`)
}

func TestResult_LongResponseIsCut(t *testing.T) {
	t.Parallel()
	got := shownResult(&emulator.Result{Payload: []byte(strings.Repeat("x", maxShown+5))})
	contains(t, got, "x\n  (5 bytes more)\n")
	if len(got) > maxShown+1000 {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestResult_BytesThatAreNoText(t *testing.T) {
	t.Parallel()
	contains(t, shownResult(&emulator.Result{Payload: []byte{0xff, 0xfe, 0}}), "  (3 bytes)\n")
	contains(t, shownResult(&emulator.Result{Payload: []byte("a\nb\n")}), "\n  a\n  b\n")
}

func TestResult_NothingSteersTheTerminal(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		hostile, "\xff" + hostile, strings.Repeat(hostile, maxShown), `{"statusCode":200,"body":"{\"a\":\"` + "\u202e\u009b" + `\"}"}`,
		`{"errorType":"T","stackTrace":["` + "\u202e\u009b" + `"]}`, `"` + "\u202e\u009b" + `"`,
	} {
		s, out := testScreen()
		s.result("name"+hostile, &emulator.Result{
			RequestID: hostile, Payload: []byte(payload), ContentType: hostile, ErrorType: hostile,
		}, &options{}, trace{segments: []segment.Document{{Name: hostile}}})
		s.result("name", &emulator.Result{Failure: &emulator.Failure{Type: hostile, Message: hostile}}, &options{}, trace{})
		wantClean(t, out.String())
	}
}
