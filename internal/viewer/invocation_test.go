package viewer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/httpevent"
	"github.com/lambdakit/lambdakit/internal/segment"
)

func TestSummary_FieldsOfTheLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxFieldBytes-len("b="))
	inv := completed(t, result("a", "1"), "{}",
		`{"service":"s","a":1,"o":{"x":1},"l":[1],"correlation_id":"c"}`, `{"a":1,"b":"`+long+`","c":"x`+long+`","a":2}`)
	if got, want := fmt.Sprint(inv.Fields), "[a=1 b="+long+" a=2 correlation_id=c]"; got != want {
		t.Errorf("got the fields %s, want %s", got, want)
	}
	var many []string
	for i := range maxFields + 5 {
		many = append(many, fmt.Sprintf(`{"k%d":1}`, i))
	}
	if got := completed(t, result("a", "1"), "{}", many...).Fields; len(got) != maxFields || got[maxFields-1] != fmt.Sprintf("k%d=1", maxFields-1) {
		t.Errorf("got %d fields, want the first %d", len(got), maxFields)
	}
}

func TestSummary_HighestLevel(t *testing.T) {
	t.Parallel()
	levels := []string{"odd", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}
	for i, want := range levels {
		var lines []string
		for j := range i + 1 {
			lines = append(lines, `{"level":"`+levels[i-j]+`"}`)
		}
		if want == "odd" {
			want = ""
		}
		if got := completed(t, result("a", "1"), "{}", lines...).Summary; got.Level != want || got.Lines != len(lines) {
			t.Errorf("%s: got the level %q of %d lines, want %q of %d", lines, got.Level, got.Lines, want, len(lines))
		}
	}
	for _, same := range [][2]string{{"WARN", "WARNING"}, {"FATAL", "CRITICAL"}} {
		if rank(same[0]) != rank(same[1]) {
			t.Errorf("got the ranks %d and %d of %s, want the same", rank(same[0]), rank(same[1]), same)
		}
	}
}

func TestSummary_MetricsAreBounded(t *testing.T) {
	t.Parallel()
	var names, values []string
	for i := range maxMetrics + 5 {
		names = append(names, fmt.Sprintf(`{"Name":"m%d"}`, i))
		values = append(values, fmt.Sprintf(`"m%d":1`, i))
	}
	many := fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[]],"Metrics":[%s]}]},%s}`, start.UnixMilli(), strings.Join(names, ","), strings.Join(values, ","))
	if got := completed(t, result("a", "1"), "{}", many).Metrics; len(got) != maxMetrics || fmt.Sprintf("%+v", got[0]) != "{Namespace:Shop Name:m0 Unit: Dimensions:[] Values:[1]}" || len(got[0].Dimensions) != 1 {
		t.Errorf("got %d metrics, want the first %d: %+v", len(got), maxMetrics, got)
	}
	m := metricOf(&emf.Directive{Namespace: "Shop"}, &emf.Metric{Name: "m", Unit: "Count", Values: make([]float64, maxValues+1)})
	if len(m.Values) != maxValues || len(m.Dimensions) != 1 || m.Dimensions[0] != "" || m.Unit != "Count" {
		t.Errorf("got %d values in %q of %s, want %d in one set without dimensions", len(m.Values), m.Dimensions, m.Unit, maxValues)
	}
}

func TestMetricsOf_WithoutProblems(t *testing.T) {
	t.Parallel()
	const good, noValue, badSet = `{"Namespace":"A","Dimensions":[[]],"Metrics":[{"Name":"kept"}]}`, `{"Namespace":"B","Dimensions":[[]],"Metrics":[{"Name":"lost"},{"Name":"kept"}]}`, `{"Namespace":"C","Dimensions":[["none"]],"Metrics":[{"Name":"kept"}]}`
	for _, c := range []struct{ timestamp, directives, want string }{
		{"1", good + "," + noValue + "," + badSet, "A/kept B/kept"},
		{"1.5", good, ""},
		{`"x"`, good, ""},
	} {
		line := `{"_aws":{"Timestamp":` + c.timestamp + `,"CloudWatchMetrics":[` + c.directives + `]},"kept":1}`
		var got []string
		for _, m := range completed(t, result("a", "1"), "{}", line).Metrics {
			got = append(got, m.Namespace+"/"+m.Name)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: got %q, want %q", line, text, c.want)
		}
	}
}

func TestSummary_FiguresOfTheReport(t *testing.T) {
	t.Parallel()
	r := result("a", "1")
	r.Duration, r.InitDuration, r.After, r.MaxRSS = 10*time.Millisecond+1499, 100*time.Millisecond, 5*time.Millisecond, 1<<20+1
	s := completed(t, r, "{}").Summary
	if s.DurationMS != 10.001 || s.InitMS != 100 || s.AfterMS != 5 || s.BilledMS != 116 || s.MemoryMB != 2 || !s.Cold || s.Start != float64(start.UnixMicro())/1e3 || s.Number != 1 {
		t.Errorf("got %+v, want a cold start of 100 ms, 10.001 ms, and 2 MB", s)
	}
	if s := completed(t, result("a", "1"), "{}").Summary; s.Cold || s.MemoryMB != 0 {
		t.Errorf("got %+v, want a warm start with unknown memory", s)
	}
}

func TestSummary_OfAnInvocationThatRuns(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Begin("a", "event.json", []byte(`{"body":"x"}`), start)
	inv, ok := s.Invocation("a")
	if !ok || inv.Outcome != InvocationRunning || inv.Title != "event.json" || inv.Event.Decoded != "x" || inv.Report != "" || inv.Log == nil || inv.Trace == nil || inv.Documents == nil {
		t.Errorf("got %+v, want a running invocation with its event and empty lists", inv)
	}
	s.Fail("a", errors.New("no process"), after(7))
	if inv, _ := s.Invocation("a"); inv.Error != "NotRun" || inv.ErrorMessage != "no process" || inv.DurationMS != 7 || inv.Outcome != InvocationFailed {
		t.Errorf("got %+v, want that it did not take place, after 7 ms", inv)
	}
}

func TestHTTPStatus(t *testing.T) {
	t.Parallel()
	stream := result("a", `{"statusCode":206}`+string(httpevent.Separator)+"x")
	stream.ContentType = httpevent.ContentType
	failed := result("a", `{"statusCode":500}`)
	failed.ErrorType = "errorString"
	for _, c := range []struct {
		event string
		r     *emulator.Result
		want  int
	}{
		{`{"httpMethod":"GET"}`, result("a", `{"statusCode":201}`), 201},
		{`{"httpMethod":"GET"}`, result("a", `"text"`), 0}, // a REST API takes no such answer
		{`{"requestContext":{"http":{"method":"GET"}}}`, result("a", `"text"`), 200},
		{`{"requestContext":{"domainName":"x.lambda-url.eu-west-1.on.aws","http":{"method":"GET"}}}`, result("a", `"text"`), 200},
		{`{"requestContext":{"http":{"method":"GET"}}}`, stream, 206},
		{`{"httpMethod":"GET"}`, failed, 0},
		{`{}`, result("a", `{"statusCode":201}`), 0},
	} {
		if got := completed(t, c.r, c.event).HTTPStatus; got != c.want {
			t.Errorf("%s answered with %s: got the status %d, want %d", c.event, c.r.Payload, got, c.want)
		}
	}
}

// The memory of all parts counts, so that it is bounded.
func TestStore_CountsBytes(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Line([]byte("1234"), false, start)
	s.Begin("a", "", []byte("12345"), start)
	s.Line([]byte("123"), false, start)
	want := 5 + 2*4 + 2*3
	if s.bytes != want {
		t.Errorf("event and lines: got %d bytes, want %d", s.bytes, want)
	}
	s.End(result("a", "12"), []segment.Document{{
		ID: "1", Name: "name", RawMetadata: json.RawMessage("{}"), Annotations: map[string]any{"key": "value", "n": 1},
		Cause: segment.Cause{Exceptions: []segment.Exception{{Message: "boom", Trace: "trace", Stack: make([]segment.Frame, 2)}}},
	}}, 0)
	if want += 2 + 500 + 4 + 2 + (3 + 50 + 5) + (1 + 50) + 4 + 5 + 400; s.bytes != want {
		t.Errorf("with the answer and a span: got %d bytes, want %d", s.bytes, want)
	}
	if s.Clear(); s.bytes != 0 {
		t.Errorf("after Clear: got %d bytes, want 0", s.bytes)
	}
}

func TestStore_BytesAreBounded(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Begin("old", "", nil, start)
	s.End(result("old", ""), nil, 0)
	s.bytes = maxBytes - 2
	s.Begin("a", "", []byte("{}"), start)
	if list := s.Summaries(); len(list) != 2 {
		t.Errorf("with %d bytes: got %d invocations, want 2", s.bytes, len(list))
	}
	s.Begin("b", "", []byte("1"), start)
	if list := s.Summaries(); len(list) != 2 || list[0].ID != "a" || list[1].ID != "b" {
		t.Errorf("with a byte more: got %+v, want a and b, which run", list)
	}
}

func TestStore_LinesThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	for i := range maxWaiting + 5 {
		s.Line(fmt.Append(nil, i), false, start)
	}
	s.Begin("a", "", []byte("{}"), start)
	s.Begin("b", "", []byte("{}"), start)
	a, _ := s.Invocation("a")
	b, _ := s.Invocation("b")
	if len(a.Log) != maxWaiting || a.Log[0].Message != "0" || len(b.Log) != 0 || a.Dropped != 5 || b.Dropped != 0 {
		t.Errorf("got %d and %d lines, and %d and %d dropped; want the first %d and none, 5 and none", len(a.Log), len(b.Log), a.Dropped, b.Dropped, maxWaiting)
	}

	// A goroutine that goes on after the response may write large lines.
	large := bytes.Repeat([]byte("x"), 1<<20)
	for range 100 {
		s.Line(large, false, start)
	}
	s.End(result("a", "1"), nil, 0)
	s.End(result("b", "1"), nil, 0)
	for range 100 {
		s.Line(large, false, start)
	}
	s.mu.Lock()
	held := s.waiting.bytes
	s.mu.Unlock()
	if held > maxLineBytes || held < maxLineBytes/2 {
		t.Errorf("got %d bytes of lines that wait, want at most %d", held, maxLineBytes)
	}
	s.Begin("c", "", []byte("{}"), start)
	if c, _ := s.Invocation("c"); c.Dropped != 100-held/2/len(large) {
		t.Errorf("got %d dropped lines, want %d", c.Dropped, 100-held/2/len(large))
	}
}

func TestStore_UnknownInvocations(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.End(result("none", "1"), nil, 0)
	s.Fail("none", errors.New("no"), start)
	if _, ok := s.Invocation("none"); ok {
		t.Error("got an invocation, want none")
	}
	if event, title, ok := s.Event("none"); event != nil || title != "" || ok {
		t.Errorf("got the event %s, want none", event)
	}
	s.Begin("a", "mine", []byte("{}"), start)
	if event, title, ok := s.Event("a"); string(event) != "{}" || title != "mine" || !ok {
		t.Errorf("got the event %s of %q, want {} of mine", event, title)
	}
}

// A stream that knows the newest removal that was forgotten gets the others one by one.
func TestStore_RemovalsThatAreForgotten(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	var known []int
	for i := range maxRemoved + 1 {
		id := fmt.Sprint(i)
		s.Begin(id, "", nil, start)
		s.End(result(id, "1"), nil, 0)
		s.Clear()
		known = append(known, s.change)
	}
	if u, _, _ := s.since(known[0]); u.Snapshot || len(u.Removed) != maxRemoved {
		t.Errorf("got a snapshot %v and %d removals, want %d removals", u.Snapshot, len(u.Removed), maxRemoved)
	}
	if u, _, _ := s.since(known[0] - 1); !u.Snapshot || u.State == nil || u.Removed != nil {
		t.Errorf("got %+v, want a snapshot: the first removal is forgotten", u)
	}
	if u, _, _ := s.since(known[maxRemoved]); u.Snapshot || len(u.Removed) != 0 {
		t.Errorf("got %+v, want nothing new", u)
	}
}
