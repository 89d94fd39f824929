package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/segment"
)

func waterfall(t *testing.T, documents string) string {
	t.Helper()
	var segments []segment.Document
	if err := json.Unmarshal([]byte(documents), &segments); err != nil {
		t.Fatal(err)
	}
	var out text
	out.trace(trace{segments: segments})
	return out.String()
}

func TestWaterfall(t *testing.T) {
	t.Parallel()
	got := waterfall(t, `[
		{"id":"c","parent_id":"b","name":"payments.example","start_time":10.5,"end_time":10.9,"namespace":"remote","error":true,
			"http":{"request":{"method":"POST"},"response":{"status":404}}},
		{"id":"b","parent_id":"a","name":"charge","start_time":10.4,"in_progress":true},
		{"id":"d","parent_id":"a","name":"DynamoDB","start_time":10,"end_time":10,"namespace":"aws","aws":{"operation":"GetItem","table_name":"orders"},
			"subsegments":[{"id":"e","name":"attempt","start_time":10,"end_time":10.1}]},
		{"id":"b","parent_id":"a","name":"charge","start_time":10.4,"end_time":11,"fault":true,"cause":{"exceptions":[{"type":"*errors.errorString","message":"boom"}]}},
		{"id":"a","parent_id":"x","name":"## orders","start_time":10,"in_progress":true}
	]`)
	const want = `trace  └─ ## orders               ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  in progress
trace     ├─ DynamoDB             █·····························     0.00 ms  aws  GetItem  orders
trace     │  └─ attempt           ███···························   100.00 ms
trace     └─ charge               ············██████████████████   600.00 ms  fault  *errors.errorString: boom
trace        └─ payments.example  ···············████████████···   400.00 ms  remote  POST  404  error
`
	if got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
}

// A bar takes the room that the label and the texts leave.
func TestWaterfall_UsesTheWidthOfTheTerminal(t *testing.T) {
	t.Parallel()
	documents := []segment.Document{{ID: "a", Name: "orders", StartTime: 1, EndTime: 2}}
	for width, want := range map[int]int{0: usualBar, 40: minBar, 100: 100 - len("└─ orders") + 4 - textRoom, 500: maxBar} {
		out := text{width: width}
		out.trace(trace{segments: documents})
		if got := strings.Count(out.String(), "█"); got != want {
			t.Errorf("%d columns: got a bar of %d, want %d", width, got, want)
		}
	}
}

func TestWaterfallOfOddDocuments(t *testing.T) {
	t.Parallel()
	for _, documents := range []string{
		`[]`, `[{}]`, `[{"id":"a","parent_id":"a"}]`, `[{"id":"a","parent_id":"b"},{"id":"b","parent_id":"a"}]`,
		`[{"id":"a","start_time":5,"end_time":1}]`, `[{"id":"a","start_time":1e300,"end_time":-1e300}]`,
		`[{"id":"a","name":"` + strings.Repeat("é", 500) + `"}]`,
	} {
		waterfall(t, documents)
	}
}

func TestWaterfall_NothingSteersTheTerminal(t *testing.T) {
	t.Parallel()
	const h = `\u001b]52;c;aGk=\u0007\u009b2J\u202e\r\n`
	wantClean(t, waterfall(t, `[{"id":"a","name":"`+h+`","namespace":"`+h+`","fault":true,"aws":{"operation":"`+h+`","table_name":"`+h+`"},
		"http":{"request":{"method":"`+h+`"}},"cause":{"exceptions":[{"type":"`+h+`","message":"`+h+`"}]},"annotations":{"`+h+`":"`+h+`"}}]`))
}

func TestWaterfall_ALineForEachSegment(t *testing.T) {
	t.Parallel()
	got := waterfall(t, `[{"id":"a","name":"x\ny","annotations":{"k":"a\nb"},"cause":{"exceptions":[{"type":"T","message":"a\nb"}]}}]`)
	if n := strings.Count(got, "\n"); n != 1 {
		t.Errorf("got %d lines, want 1: %s", n, got)
	}
}

func TestWaterfall_IsBounded(t *testing.T) {
	t.Parallel()
	var out text
	segments := make([]segment.Document, maxBars+7)
	for i := range segments {
		segments[i] = segment.Document{ID: strings.Repeat("i", i+1)}
	}
	out.trace(trace{segments: segments, dropped: 3})
	contains(t, out.String(), "trace  (10 segments more)\n")
	if n := strings.Count(out.String(), "\n"); n != maxBars+1 {
		t.Errorf("got %d lines, want %d", n, maxBars+1)
	}
}

func TestWaterfall_DepthAndTextsAreBounded(t *testing.T) {
	t.Parallel()
	segments := make([]segment.Document, maxBars)
	for i := range segments {
		segments[i] = segment.Document{ID: strings.Repeat("i", i+1), ParentID: strings.Repeat("i", i), Name: strings.Repeat("n", 100)}
		segments[i].AWS.Operation = strings.Repeat("o", 10_000)
	}
	for _, b := range tree(segments) {
		if n := len(b.label); n > 3*5*(maxDepth+2)+maxLabel+3 {
			t.Fatalf("a label has %d bytes", n)
		}
	}
	var out text
	out.trace(trace{segments: segments})
	for line := range strings.Lines(out.String()) {
		if len(line) > 1000 {
			t.Fatalf("a line has %d bytes", len(line))
		}
	}
}
