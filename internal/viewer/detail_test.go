package viewer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/httpevent"
	"github.com/lambdakit/lambdakit/internal/segment"
)

// Lines come 3 ms after the start, at 3.5 ms of the second. The times in them may be odd.
func TestInvocation_MomentsAroundTheStart(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]struct {
		at   float64
		late bool
	}{
		"10:00:00.004Z":  {3.5, false}, // a clock that is fast
		"10:00:00.0004Z": {0, false},   // less than a millisecond before the start
		"09:59:59.9995Z": {-1, false},  // a millisecond before
		"09:59:59.999Z":  {-0.5, false},
		"09:59:59.9985Z": {-2, false},
		"09:59:59.9984Z": {-2.1, true}, // more than 5 ms before the line
	} {
		inv := completed(t, result("a", "1"), "{}", `{"time":"2026-11-29T`+at+`"}`)
		if l := inv.Log[0]; l.At != want.at || l.Late != want.late {
			t.Errorf("%s: got %v ms and late %t, want %v and %t", at, l.At, l.Late, want.at, want.late)
		}
	}
}

func TestInvocation_LinesBeforeItKeepTheirMoment(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Line([]byte(`{"time":"2026-11-29T09:00:00Z","message":"early"}`), true, after(-2))
	s.Begin("a", "", []byte("{}"), start)
	if inv, _ := s.Invocation("a"); len(inv.Log) != 1 || inv.Log[0].At != -2 || inv.Log[0].Late || !inv.Log[0].Before || !inv.Log[0].Stderr {
		t.Errorf("got %+v, want a line of standard error, 2 ms before", inv.Log)
	}
}

func TestInvocation_TextOfALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Line{
		"a\xffb":           {Message: "a\uFFFDb", Raw: "a\uFFFDb"},
		`{"level":"INFO"}`: {Level: "INFO", Message: `{"level":"INFO"}`, Raw: `{"level":"INFO"}`},
		`{"msg":"m"}`:      {Message: "m", Raw: `{"msg":"m"}`},
		`{"k":1}`:          {Fields: []Field{{"k", json.RawMessage("1")}}, Raw: `{"k":1}`},
		`{"error":"e"}`:    {Fields: []Field{{"error", json.RawMessage(`"e"`)}}, Raw: `{"error":"e"}`},
		`{"cause":{"stack":"s"}}`: {
			Fields: []Field{{"cause", json.RawMessage(`{"stack":"s"}`)}}, Raw: `{"cause":{"stack":"s"}}`},
		`{"error":{"a":1,"stack":"s","b<":2}}`: {
			Stack: "s", Fields: []Field{{"error", json.RawMessage(`{"a":1,"b\u003c":2}`)}}, Raw: `{"error":{"a":1,"stack":"s","b<":2}}`},
	} {
		want.At = 3
		if got := completed(t, result("a", "1"), "{}", text).Log[0]; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func TestInvocation_ProblemsOfADocument(t *testing.T) {
	t.Parallel()
	doc := `{"_aws":{"Timestamp":1000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["missing"]],"Metrics":[{"Name":"Lost"},{"Name":"Kept"}]}]},"a":"b","Kept":1}`
	inv := completed(t, result("a", "1"), "{}", doc)
	if len(inv.Documents) != 1 {
		t.Fatalf("got %d documents, want 1", len(inv.Documents))
	}
	d := inv.Documents[0]
	all := strings.Join(d.Problems, "\n")
	for _, want := range []string{"Shop: ", "Lost: "} {
		if !strings.Contains("\n"+all, "\n"+want) {
			t.Errorf("got the problems %q, want one of %s", d.Problems, want)
		}
	}
	if len(d.Problems) != 3 || d.At != 3 || !strings.HasPrefix(d.Text, "{\n  \"_aws\": {") || len(d.Metrics) != 2 {
		t.Errorf("got %+v, want three problems, one about the time, a readable text and two metrics", d)
	}
}

// The page reads lists, never null.
func TestInvocation_DocumentWithoutMetrics(t *testing.T) {
	t.Parallel()
	inv := completed(t, result("a", "1"), "{}", `{"_aws":{}}`)
	if len(inv.Documents) != 1 || inv.Documents[0].Metrics == nil || len(inv.Documents[0].Metrics) != 0 {
		t.Errorf("got %+v, want one document with an empty list", inv.Documents)
	}
}

func TestInvocation_SpanDetails(t *testing.T) {
	t.Parallel()
	at := func(ms float64) float64 { return float64(after(ms).UnixNano()) / 1e9 }
	for name, c := range map[string]struct {
		d     segment.Document
		after time.Duration
		want  string // detail, whether it is in progress, and whether it began after the response
	}{
		"a table":                {d: segment.Document{AWS: segment.AWS{Operation: "PutItem", TableName: "orders"}, StartTime: at(1), EndTime: at(2)}, want: "PutItem orders false false"},
		"a request":              {d: segment.Document{HTTP: segment.HTTP{Request: struct{ Method string }{"GET"}}, StartTime: at(1), EndTime: at(2)}, want: "GET false false"},
		"without an end":         {d: segment.Document{StartTime: at(1)}, want: " true false"},
		"in progress":            {d: segment.Document{StartTime: at(1), EndTime: at(2), InProgress: true}, want: " true false"},
		"at the answer":          {d: segment.Document{StartTime: at(10.001), EndTime: at(11)}, after: time.Millisecond, want: " false true"},
		"late, but without work": {d: segment.Document{StartTime: at(10.001), EndTime: at(11)}, want: " false false"},
	} {
		s := NewStore(State{})
		s.Begin("a", "", []byte("{}"), start)
		r := result("a", "1")
		r.After = c.after
		c.d.Name = "span"
		c.d.ID, c.d.Cause = "1", segment.Cause{Exceptions: []segment.Exception{{Type: "*E", Message: "boom", Trace: "main.go:1"}}}
		c.d.Annotations, c.d.RawMetadata, c.d.Error, c.d.Throttle = map[string]any{"k": "v"}, json.RawMessage(`{"default":{}}`), true, true
		s.End(r, []segment.Document{c.d}, 0)
		inv, _ := s.Invocation("a")
		got := inv.Trace[0]
		if got.ID != "1" || got.Name != "span" {
			t.Errorf("%s: got the span %s with the id %s, want span with 1", name, got.Name, got.ID)
		}
		if text := fmt.Sprint(got.Detail, " ", got.InProgress, " ", got.After); text != c.want {
			t.Errorf("%s: got %q, want %q", name, text, c.want)
		}
		if len(got.Exceptions) != 1 || got.Exceptions[0] != (Exception{"*E", "boom", "main.go:1"}) || got.Attributes["k"] != "v" || string(got.Metadata) != `{"default":{}}` || !got.Error || !got.Throttle {
			t.Errorf("%s: got %+v, want its exception, its attributes and its flags", name, got)
		}
	}
}

func TestInvocation_DecodedBodies(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"body":"text"}`: "text",
		`{"body":""}`:     "",
		`{}`:              "",
		`[]`:              "",
		`{"body":"e30=","is_base64_encoded":true}`: "{}",
		`{"body":"e30=","isBase64Encoded":"true"}`: "e30=",
		`{"body":"?","isBase64Encoded":true}`:      "",
		`{"body":"/w==","isBase64Encoded":true}`:   "",
	} {
		if got := completed(t, result("a", "1"), event).Event; got.Decoded != want || got.Text != event || got.Size != int64(len(event)) || got.Binary {
			t.Errorf("%s: got %+v, want the body %q", event, got, want)
		}
	}
}

func TestInvocation_Responses(t *testing.T) {
	t.Parallel()
	stream := func(prelude, body string) *emulator.Result {
		r := result("a", prelude+string(httpevent.Separator)+body)
		r.ContentType = httpevent.ContentType
		return r
	}
	cut := result("a", "begin")
	cut.Size, cut.ContentType = 1<<20, "text/plain"
	large := stream(strings.Repeat(" ", httpevent.MaxPrelude+1), "x")
	largest := stream(strings.Repeat(" ", httpevent.MaxPrelude-2)+"{}", "x")
	headless := result("a", "no prelude")
	headless.ContentType = httpevent.ContentType
	for name, c := range map[string]struct {
		r    *emulator.Result
		want Body
	}{
		"binary":             {result("a", "\xff"), Body{Text: "/w==", Size: 1, Binary: true}},
		"cut":                {cut, Body{Text: "begin", Size: 1 << 20, Type: "text/plain"}},
		"a stream":           {stream("{}", "\xff"), Body{Text: "/w==", Size: 1, Binary: true, Type: httpevent.ContentType, Prelude: "{}"}},
		"the largest":        {largest, Body{Text: "x", Size: 1, Type: httpevent.ContentType, Prelude: "{}"}},
		"a prelude too long": {large, Body{Text: string(large.Payload), Size: large.Size, Type: httpevent.ContentType}},
		"no prelude":         {headless, Body{Text: "no prelude", Size: 10, Type: httpevent.ContentType}},
	} {
		got := completed(t, c.r, "{}").Response
		got.Prelude = strings.TrimSpace(got.Prelude)
		if got != c.want {
			t.Errorf("%s: got %.200v, want %.200v", name, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", c.want))
		}
	}
}

func TestInvocation_FailureOfAnAnswer(t *testing.T) {
	t.Parallel()
	r := result("a", "1")
	r.TraceHeader, r.Failure, r.TimedOutAfter = "Sampled=1", &emulator.Failure{Type: "*E", Message: "marked"}, true
	if inv := completed(t, r, "{}"); inv.ErrorMessage != "marked" || !inv.TimedOutAfter || inv.TraceID != "" || !strings.HasPrefix(inv.Report, "REPORT RequestId: a ") || !strings.Contains(inv.Report, "128 MB") {
		t.Errorf("got %+v, want the message of the failure and no trace", inv)
	}
	r.ErrorType, r.ErrorMessage = "errorString", "returned"
	if inv := completed(t, r, "{}"); inv.ErrorMessage != "returned" || inv.Error != "errorString" {
		t.Errorf("got %q of %q, want the returned error", inv.ErrorMessage, inv.Error)
	}
}
