package viewer

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/segment"
)

var start = time.Date(2026, 11, 29, 10, 0, 0, 500_000, time.UTC) // half a millisecond

func result(id, payload string) *emulator.Result {
	return &emulator.Result{
		RequestID: id, TraceHeader: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
		Payload: []byte(payload), Size: int64(len(payload)), ContentType: "application/json", Start: start, Duration: 10 * time.Millisecond,
	}
}

func after(ms float64) time.Time { return start.Add(time.Duration(ms * 1e6)) }

// completed returns an invocation with the lines, each of which is written 3 ms after the start.
func completed(t *testing.T, r *emulator.Result, event string, lines ...string) Invocation {
	t.Helper()
	s := NewStore(State{MemoryMB: 128})
	s.Begin(r.RequestID, "event.json", []byte(event), start)
	for _, l := range lines {
		s.Line([]byte(l), false, after(3))
	}
	s.End(r, nil, 0)
	inv, ok := s.Invocation(r.RequestID)
	if !ok {
		t.Fatalf("got no invocation %s", r.RequestID)
	}
	return inv
}

func TestStore_LinesBelongToTheInvocationThatTheyName(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Line([]byte("starting"), true, start)
	s.Begin("a", "a.json", []byte(`{}`), start)
	s.Begin("b", "b.json", []byte(`{}`), start)
	s.Line([]byte(`{"level":"INFO","message":"of a","function_request_id":"a"}`), false, start)
	s.Line([]byte(`{"level":"INFO","msg":"of b","requestId":"b"}`), false, start)
	s.Line([]byte("plain"), false, start)
	s.End(result("a", "1"), nil, 0)
	s.End(result("b", "2"), nil, 0)
	s.Line([]byte(`{"message":"late","function_request_id":"a"}`), false, start)
	s.Line([]byte("between"), false, start)
	s.Begin("c", "c.json", []byte(`{}`), start)
	for id, want := range map[string]string{"a": "starting! of a late", "b": "of b plain", "c": "between!"} {
		inv, _ := s.Invocation(id)
		var got []string
		for _, l := range inv.Log {
			text := l.Message
			if l.Before {
				text += "!"
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("invocation %s: got the lines %q, want %q", id, got, want)
		}
	}
}

func TestInvocation_MomentOfALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		at   float64
		late bool
	}{
		"plain": {3, false},
		`{"timestamp":"2026-11-29T10:00:00.003Z"}`: {3, false},          // from 2.5 to 3.5 ms after the start
		`{"timestamp":"2026-11-29T10:00:00.002Z"}`: {2.5, false},        // up to 2.5 ms
		`{"timestamp":"2026-11-29T10:00:00.000Z"}`: {0.5, false},        // the millisecond of the start
		`{"time":"2026-11-29T10:00:00.0015Z"}`:     {1, false},          // a finer time is exact
		`{"timestamp":"2026-11-29T09:59:59.000Z"}`: {-1000.5 + 1, true}, // held back
	} {
		inv := completed(t, result("a", "1"), "{}", text)
		if l := inv.Log[0]; l.At != want.at || l.Late != want.late {
			t.Errorf("%s: got %v ms and late %t, want %v and %t", text, l.At, l.Late, want.at, want.late)
		}
	}
}

func TestInvocation_Line(t *testing.T) {
	t.Parallel()
	inv := completed(t, result("a", "1"), "{}",
		`{"level":"error","message":"invocation failed","timestamp":"2026-11-29T10:00:00.003Z","service":"orders","function_request_id":"a","correlation_id":"c-1","span_id":"53995c3f42cd8ad8","order_id":"o-1","error":{"type":"*E","message":"boom","stack":"main.go:1"}}`)
	l := inv.Log[0]
	if l.Level != "ERROR" || l.Message != "invocation failed" || l.Span != "53995c3f42cd8ad8" || l.Stack != "main.go:1" {
		t.Errorf("got %+v, want level, message, span and stack", l)
	}
	if len(l.Fields) != 3 || l.Fields[1].Name != "order_id" || string(l.Fields[2].Value) != `{"type":"*E","message":"boom"}` {
		t.Errorf("got the fields %s, want correlation_id, order_id and the error without its stack", l.Fields)
	}
	if len(l.Common) != 4 {
		t.Errorf("got the common fields %s, want timestamp, service, function_request_id and span_id", l.Common)
	}
	if inv.Level != "ERROR" || inv.Summary.Lines != 1 || fmt.Sprint(inv.Fields) != "[order_id=o-1 correlation_id=c-1]" {
		t.Errorf("got %+v, want the highest level, one line and its fields, the correlation id last", inv.Summary)
	}
}

func TestInvocation_Outcomes(t *testing.T) {
	t.Parallel()
	const http = `{"version":"2.0","rawPath":"/orders","requestContext":{"http":{"method":"POST","path":"/orders"}}}`
	const queue = `{"Records":[{"messageId":"m-1","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:1:payments","body":"{\"id\":1}"},{"messageId":"m-2","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:1:payments","body":"x"}]}`
	timeout, failed, answered := result("a", "{}"), result("a", "{}"), result("a", `{"statusCode":503}`)
	timeout.ErrorType, failed.ErrorType, answered.Failure = emulator.ErrorTimeout, "errorString", &emulator.Failure{Type: "*E", Message: "down"}
	for name, c := range map[string]struct {
		r                     *emulator.Result
		event                 string
		outcome, title, error string
		status, failed        int
	}{
		"plain":        {result("a", `{"statusCode":404}`), "{}", InvocationOK, "event.json", "", 0, 0},
		"created":      {result("a", `{"statusCode":201}`), http, InvocationOK, "POST /orders", "", 201, 0},
		"inferred":     {result("a", `"hello"`), http, InvocationOK, "POST /orders", "", 200, 0},
		"bad request":  {result("a", `{"statusCode":400}`), http, InvocationRefused, "POST /orders", "", 400, 0},
		"answered":     {answered, http, InvocationFailed, "POST /orders", "*E", 503, 0},
		"failed":       {failed, http, InvocationFailed, "POST /orders", "errorString", 0, 0},
		"timeout":      {timeout, http, InvocationTimeout, "POST /orders", emulator.ErrorTimeout, 0, 0},
		"batch":        {result("a", `{"batchItemFailures":[]}`), queue, InvocationOK, "SQS payments (2 records)", "", 0, 0},
		"failed batch": {result("a", `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`), queue, InvocationRefused, "SQS payments (2 records)", "", 0, 1},
	} {
		inv := completed(t, c.r, c.event)
		if inv.Outcome != c.outcome || inv.Title != c.title || inv.Error != c.error || inv.HTTPStatus != c.status || inv.Failed != c.failed {
			t.Errorf("%s: got %+v, want %+v", name, inv.Summary, c)
		}
	}
	inv := completed(t, result("a", `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`), queue)
	if len(inv.Batch) != 2 || inv.Batch[0].Failed || !inv.Batch[1].Failed || inv.Batch[0].Body != "{\n  \"id\": 1\n}" {
		t.Errorf("got the records %+v, want m-2 to be the failed one, and readable bodies", inv.Batch)
	}
}

func TestInvocation_Bodies(t *testing.T) {
	t.Parallel()
	inv := completed(t, result("a", `{"statusCode":200,"body":"{\"id\":1}"}`), `{"body":"eyJpZCI6MX0=","isBase64Encoded":true}`)
	if want := "{\n  \"id\": 1\n}"; inv.Event.Decoded != want || inv.Response.Decoded != want {
		t.Errorf("got %q and %q, want the decoded bodies %q", inv.Event.Decoded, inv.Response.Decoded, want)
	}
	r := result("a", "{\"statusCode\":206}\x00\x00\x00\x00\x00\x00\x00\x00hello")
	r.ContentType = "application/vnd.awslambda.http-integration-response"
	inv = completed(t, r, `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"},"domainName":"x.lambda-url.eu-west-1.on.aws"}}`)
	if inv.Response.Text != "hello" || inv.Response.Size != 5 || inv.Response.Prelude != "{\n  \"statusCode\": 206\n}" || inv.HTTPStatus != 206 || inv.Source != "function URL" {
		t.Errorf("got %+v and status %d of a %s, want prelude and body of the stream", inv.Response, inv.HTTPStatus, inv.Source)
	}
}

func TestInvocation_Spans(t *testing.T) {
	t.Parallel()
	at := func(ms float64) float64 { return float64(after(ms).UnixNano()) / 1e9 }
	r := result("a", "1")
	r.After = 5 * time.Millisecond
	s := NewStore(State{})
	s.Begin("a", "", []byte("{}"), start)
	s.End(r, []segment.Document{
		{ID: "2", ParentID: "1", Name: "charge", StartTime: at(2), EndTime: at(4), Namespace: "remote", Fault: true, HTTP: segment.HTTP{Request: struct{ Method string }{"POST"}, Response: struct{ Status int }{503}}},
		{ID: "1", Name: "handler", StartTime: at(0), EndTime: at(10)},
		{ID: "3", ParentID: "1", Name: "index", StartTime: at(11), InProgress: true},
	}, 2)
	inv, _ := s.Invocation("a")
	if len(inv.Trace) != 3 || inv.Dropped != 2 || inv.TraceID != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Fatalf("got %+v, want three spans and two that were dropped", inv)
	}
	handler, charge, index := inv.Trace[0], inv.Trace[1], inv.Trace[2]
	near := func(a, b float64) bool { return a-b < 0.001 && b-a < 0.001 }
	if handler.Name != "handler" || handler.Depth != 0 || handler.After || charge.Depth != 1 || charge.Parent != "1" {
		t.Errorf("got %+v and %+v, want the handler and a call below it", handler, charge)
	}
	if !near(charge.Start, 2) || !near(charge.End, 4) || charge.Detail != "POST 503" || !charge.Fault || charge.Kind != "remote" {
		t.Errorf("got %+v, want a failed call from 2 to 4 ms", charge)
	}
	if !index.After || !index.InProgress || index.End != 15 {
		t.Errorf("got %+v, want a span after the response, in progress to the end of the work", index)
	}
}

func TestInvocation_Metrics(t *testing.T) {
	t.Parallel()
	good := fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"],[]],"Metrics":[{"Name":"Orders","Unit":"Count"}]}]},"service":"orders","Orders":[1,2]}`, start.UnixMilli())
	bad := fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],"Metrics":[{"Name":"Lost"}]}]},"service":"orders"}`, start.UnixMilli())
	inv := completed(t, result("a", "1"), "{}", good, bad)
	if len(inv.Metrics) != 1 || inv.Metrics[0].Name != "Orders" || fmt.Sprint(inv.Metrics[0].Values, inv.Metrics[0].Dimensions) != "[1 2] [service=orders ]" {
		t.Errorf("got the metrics %+v, want the one that CloudWatch takes, in two sets", inv.Metrics)
	}
	if len(inv.Documents) != 2 || len(inv.Documents[0].Problems) != 0 || len(inv.Documents[1].Problems) != 1 || len(inv.Log) != 0 || inv.Summary.Lines != 0 {
		t.Errorf("got %+v and %d lines, want two documents, one with a problem, and no line", inv.Documents, len(inv.Log))
	}
}

func TestStore_IsBounded(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Begin("running", "", []byte("{}"), start)
	for i := range maxInvocations + 10 {
		id := fmt.Sprint(i)
		s.Begin(id, "", []byte("{}"), start)
		s.End(result(id, "1"), nil, 0)
	}
	list := s.Summaries()
	if len(list) != maxInvocations || list[0].ID != "running" || list[1].ID != "11" {
		t.Errorf("got %d invocations from %s and %s, want %d: the running one and the newest", len(list), list[0].ID, list[1].ID, maxInvocations)
	}
	large := strings.Repeat("x", 5<<20)
	for i := range 20 {
		id := fmt.Sprint("large", i)
		s.Begin(id, "", []byte(large), start)
		s.End(result(id, large), nil, 0)
	}
	if s.bytes > maxBytes || len(s.Summaries()) != 1+maxBytes/(10<<20) {
		t.Errorf("got %d bytes of %d invocations, want at most %d bytes", s.bytes, len(s.Summaries()), maxBytes)
	}
	s.Clear()
	if list := s.Summaries(); len(list) != 1 || list[0].ID != "running" || s.bytes != 2 {
		t.Errorf("got %d invocations and %d bytes, want the running one with 2", len(list), s.bytes)
	}
}

func TestInvocation_IsBounded(t *testing.T) {
	t.Parallel()
	s := NewStore(State{})
	s.Begin("a", "", []byte("{}"), start)
	for range maxLines + 3 {
		s.Line([]byte("x"), false, start)
	}
	s.Line([]byte(strings.Repeat("x", maxLineBytes)), false, start)
	spans := make([]segment.Document, maxSpans+2)
	for i := range spans {
		spans[i].ID = fmt.Sprint(i)
	}
	s.End(result("a", "1"), spans, 0)
	if inv, _ := s.Invocation("a"); len(inv.Log) != maxLines || len(inv.Trace) != maxSpans || inv.Dropped != 4+2 {
		t.Errorf("got %d lines, %d spans and %d dropped, want %d, %d and 6", len(inv.Log), len(inv.Trace), inv.Dropped, maxLines, maxSpans)
	}
}

func TestStore_Changes(t *testing.T) {
	t.Parallel()
	s := NewStore(State{State: Running})
	s.Begin("a", "", []byte("{}"), start)
	u, known, _ := s.since(-1)
	if !u.Snapshot || u.State == nil || len(u.Invocations) != 1 {
		t.Fatalf("got %+v, want everything at first", u)
	}
	s.Begin("b", "", []byte("{}"), start)
	s.Fail("b", errors.New("no process"), after(1))
	s.SetState(func(st *State) { st.State = BuildFailed })
	u, known, changed := s.since(known)
	if u.Snapshot || u.State.State != BuildFailed || len(u.Invocations) != 1 || u.Invocations[0].ID != "b" || u.Invocations[0].Outcome != InvocationFailed {
		t.Errorf("got %+v, want the state and the failed invocation b", u)
	}
	select {
	case <-changed:
		t.Error("got a change, want none")
	default:
	}
	s.Line([]byte(`{"function_request_id":"a"}`), false, start)
	s.Line(nil, false, start) // an empty line is of the running one
	<-changed
	if u, known, changed = s.since(known); len(u.Invocations) != 1 || u.Invocations[0].ID != "a" || u.Invocations[0].Lines != 2 || u.State != nil || len(u.Removed) != 0 {
		t.Errorf("got %+v, want a with two lines", u)
	}
	s.Clear()
	<-changed
	if u, known, _ = s.since(known); len(u.Removed) != 1 || u.Removed[0] != "b" || u.State != nil || len(u.Invocations) != 0 {
		t.Errorf("got %+v, want the removal of b", u)
	}
	for i := range maxRemoved + 1 {
		id := fmt.Sprint(i)
		s.Begin(id, "", nil, start)
		s.End(result(id, "1"), nil, 0)
		s.Clear()
	}
	if u, _, _ = s.since(known); !u.Snapshot {
		t.Errorf("got %+v, want everything anew after many removals", u)
	}
}
