package main

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit/internal/emulator"
)

// served is a function that -serve or -http serves.
type served struct {
	t         *testing.T
	url       string
	out, errs *buffer
	end       func() int // ends it and returns the exit status
}

// serve starts lambdakit run -serve.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	return start(t, "-serve", "./testdata/function", args)
}

// start starts lambdakit run with a flag that takes an address.
func start(t *testing.T, flag, pkg string, args []string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{t: t, out: newBuffer(), errs: newBuffer()}
	done := make(chan struct{})
	var status int
	go func() {
		defer close(done)
		status = command(ctx, append(append([]string{"run", flag, ":0", "-timeout", "1m"}, args...), pkg), nil, s.out, s.errs)
	}()
	s.end = func() int {
		cancel()
		<-done
		return status
	}
	t.Cleanup(func() { s.end() })
	s.url = s.errs.find(`serving (http://[^/]+)/\S*; Ctrl-C ends it`)[1]
	return s
}

// post makes a request; headers are names and values, and Host among them.
func (s *served) post(path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	req, err := http.NewRequest("POST", s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(text)
}

// invoke makes a request of the operation Invoke.
func (s *served) invoke(body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	return s.post("/2015-03-31/functions/function/invocations", body, headers...)
}

func TestServe_RequestsAtOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, "-concurrency", "4")
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("it serves %s, not this machine alone", s.url)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			want := fmt.Sprintf("%q", fmt.Sprint("text ", i))
			if resp, text := s.invoke(`{"Text":` + want + `}`); resp.StatusCode != 200 || text != want || resp.Header.Get("X-Amz-Function-Error") != "" {
				t.Errorf("got %d %s, want 200 %s", resp.StatusCode, text, want)
			}
		})
	}
	wg.Wait()
	if status := s.end(); status != 0 {
		t.Errorf("got status %d, want 0", status)
	}
}

func TestServe_FunctionsError(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, text := s.invoke(`{"Do":"error","Text":"boom"}`)
	var doc map[string]string
	if err := json.Unmarshal([]byte(text), &doc); err != nil || resp.StatusCode != 200 || resp.Header.Get("X-Amz-Function-Error") != "Unhandled" || doc["errorMessage"] != "boom" {
		t.Errorf("got %d %s", resp.StatusCode, text)
	}
	if status := s.end(); status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
}

func TestServe_AnsweredFailureIsAResponse(t *testing.T) {
	t.Parallel()
	s := serve(t, "-env", "INIT=kit")
	if resp, text := s.invoke(`{"Text":"out of stock"}`); resp.Header.Get("X-Amz-Function-Error") != "" || !strings.Contains(text, `"statusCode":500`) {
		t.Errorf("got %v %s, want what Lambda's caller gets", resp.Header, text)
	}
	if status := s.end(); status != 1 {
		t.Errorf("got status %d, want 1", status)
	}
}

func TestServe_InvocationTypes(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if resp, _ := s.invoke(`{"Text":"later"}`, "X-Amz-Invocation-Type", "Event"); resp.StatusCode != 202 {
		t.Errorf("Event: got %d, want 202", resp.StatusCode)
	}
	s.out.find(`"later"`)
	if resp, _ := s.invoke(`{"Text":"never"}`, "X-Amz-Invocation-Type", "DryRun"); resp.StatusCode != 204 {
		t.Errorf("DryRun: got %d, want 204", resp.StatusCode)
	}
	s.end()
	if strings.Contains(s.out.String(), "never") {
		t.Error("DryRun ran the function")
	}
}

// wantRefused fails unless an answer is a refusal in the words of Lambda's API.
func wantRefused(t *testing.T, resp *http.Response, text string, status int, kind string) {
	t.Helper()
	var doc struct{ Type, Message string }
	err := json.Unmarshal([]byte(text), &doc)
	if err != nil || resp.StatusCode != status || resp.Header.Get("X-Amzn-Errortype") != kind || doc.Message == "" || doc.Type != "User" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s %s, want %d %s", resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), text, status, kind)
	}
}

func TestServe_RefusesWhatLambdaRefuses(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, c := range []struct {
		body    string
		headers []string
		status  int
		kind    string
	}{
		{`"` + strings.Repeat("x", emulator.MaxEvent) + `"`, nil, 413, "RequestTooLargeException"},
		{`"` + strings.Repeat("x", emulator.MaxAsyncEvent) + `"`, []string{"X-Amz-Invocation-Type", "Event"}, 413, "RequestTooLargeException"},
		{`{`, nil, 400, "InvalidRequestContentException"},
		{`{`, []string{"X-Amz-Invocation-Type", "Event"}, 400, "InvalidRequestContentException"},
		{`{}`, []string{"X-Amz-Invocation-Type", "Odd"}, 400, "InvalidParameterValueException"},
		{`{}`, []string{"X-Amz-Tenant-Id", "a/b#c"}, 400, "InvalidParameterValueException"},
		{`{}`, []string{"X-Amz-Tenant-Id", strings.Repeat("t", 257)}, 400, "InvalidParameterValueException"},
		{`{}`, []string{"X-Amz-Client-Context", "{}"}, 400, "InvalidRequestContentException"},
		{`{}`, []string{"X-Amz-Client-Context", "eA=="}, 400, "InvalidRequestContentException"},
		{`{}`, []string{"X-Amz-Client-Context", base64.StdEncoding.EncodeToString([]byte(`"` + strings.Repeat("x", 2700) + `"`))}, 400, "InvalidRequestContentException"},
	} {
		for _, path := range []string{"/2015-03-31/functions/function/invocations", "/2021-11-15/functions/function/response-streaming-invocations"} {
			if strings.HasPrefix(path, "/2021") && len(c.headers) > 1 && c.headers[1] == "Event" {
				continue
			}
			resp, text := s.post(path, c.body, c.headers...)
			wantRefused(t, resp, text, c.status, c.kind)
		}
	}
	if s.end(); strings.Contains(s.out.String(), "REPORT") {
		t.Error("a refused event reached the function")
	}
}

func TestServe_EmptyEventIsAnEmptyObject(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if resp, text := s.invoke(""); resp.StatusCode != 200 || text != `""` {
		t.Errorf("got %d %s", resp.StatusCode, text)
	}
}

func TestServe_RefusesWebPagesAndForeignHosts(t *testing.T) {
	t.Parallel()
	s := serve(t)
	port := s.url[strings.LastIndex(s.url, ":"):]
	for _, path := range []string{"/2015-03-31/functions/function/invocations", "/2021-11-15/functions/function/response-streaming-invocations", "/"} {
		for _, headers := range [][]string{
			{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Host", "evil.example"}, {"Host", "evil.example" + port},
		} {
			if resp, text := s.post(path, `{}`, headers...); resp.StatusCode != 403 {
				t.Errorf("%s with %q: got %d %s, want 403", path, headers, resp.StatusCode, text)
			}
		}
	}
	if resp, _ := s.invoke(`{}`, "Host", "localhost"+port); resp.StatusCode != 200 {
		t.Errorf("localhost: got %d, want 200", resp.StatusCode)
	}
	if s.end(); strings.Count(s.out.String(), "REPORT") != 1 {
		t.Error("a refused request ran the function")
	}
}

func TestServe_AllowedHost(t *testing.T) {
	t.Parallel()
	s := serve(t, "-allow-host", "dev.example")
	for host, want := range map[string]int{"dev.example:80": 200, "evil.example": 403} {
		if resp, _ := s.invoke(`{}`, "Host", host); resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", host, resp.StatusCode, want)
		}
	}
}

// A request may arrive while the server ends.
func TestExchanges_NoneBeginsAfterTheEnd(t *testing.T) {
	t.Parallel()
	x := (&runner{}).exchanges(t.Context())
	began := make(chan struct{})
	if !x.begin(func() { close(began) }) {
		t.Error("got no begin, want one before the end")
	}
	x.end()
	<-began
	if x.begin(func() { t.Error("got a begin after the end, want none") }) {
		t.Error("got true, want false after the end")
	}
	result, err := x.exchange(httptest.NewRequest("GET", "/", nil), "request", emulator.Event{}, true)
	if result != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v, want context.Canceled", result, err)
	}
}

func TestServe_WarnsOfTheNetwork(t *testing.T) {
	t.Parallel()
	s := serve(t, "-serve", "0.0.0.0:0", "-aws-credentials")
	contains(t, s.errs.String(), "WARNING: ", "is open to the network", "THE AWS CREDENTIALS OF THIS SHELL", "-allow-host")
	if resp, _ := s.invoke(`{}`); !strings.HasPrefix(s.url, "http://localhost:") || resp.StatusCode != 200 {
		t.Errorf("got %d from the printed URL %s, want an answer at localhost", resp.StatusCode, s.url)
	}
	local := serve(t)
	if strings.Contains(local.errs.String(), "WARNING") {
		t.Errorf("got a warning without a reason: %s", local.errs)
	}
}

func TestServe_TenantAndClientContext(t *testing.T) {
	t.Parallel()
	s := serve(t)
	client := base64.StdEncoding.EncodeToString([]byte(`{"custom": {"a": "b"}}` + "\n"))
	_, text := s.invoke(`{"Do":"context"}`, "X-Amz-Tenant-Id", "acme:1", "X-Amz-Client-Context", client)
	contains(t, text, `"tenant":"acme:1"`, `"custom":{"a":"b"}`)
}

func TestServe_LogTail(t *testing.T) {
	t.Parallel()
	s := serve(t)
	resp, _ := s.invoke(`{"Do":"log"}`, "X-Amz-Log-Type", "Tail")
	log, err := base64.StdEncoding.DecodeString(resp.Header.Get("X-Amz-Log-Result"))
	if err != nil {
		t.Fatal(err)
	}
	id := resp.Header.Get("X-Amzn-Requestid")
	contains(t, string(log), "START RequestId: "+id+" Version: $LATEST\n", "a plain line\n", "on standard error\n", "without an end", "\nEND RequestId: "+id+"\nREPORT RequestId: "+id)

	resp, _ = s.invoke(`{"Do":"print","Text":"`+strings.Repeat("x", 10_000)+`"}`, "X-Amz-Log-Type", "Tail")
	if log, _ = base64.StdEncoding.DecodeString(resp.Header.Get("X-Amz-Log-Result")); len(log) != 4096 || !strings.Contains(string(log), "xx\nEND") {
		t.Errorf("got %d bytes of the log, want the last 4096", len(log))
	}
	if resp, _ = s.invoke(`{"Do":"log"}`); resp.Header.Get("X-Amz-Log-Result") != "" {
		t.Error("got a log that nobody asked for")
	}
}

// message is a decoded message of an event stream.
type message struct {
	kind, contentType string
	payload           []byte
}

// decodeStream checks and decodes the messages of an event stream.
func decodeStream(t *testing.T, text string) (all []message) {
	t.Helper()
	for b := []byte(text); len(b) > 0; {
		if len(b) < 16 {
			t.Fatalf("%d bytes are left", len(b))
		}
		size, headers := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		if crc32.ChecksumIEEE(b[:8]) != binary.BigEndian.Uint32(b[8:]) || crc32.ChecksumIEEE(b[:size-4]) != binary.BigEndian.Uint32(b[size-4:]) {
			t.Fatal("a checksum is wrong")
		}
		values := make(map[string]string)
		for h := b[12 : 12+headers]; len(h) > 0; {
			name := h[1 : 1+h[0]]
			h = h[1+h[0]:]
			n := binary.BigEndian.Uint16(h[1:])
			if h[0] != 7 {
				t.Fatalf("the header %s is not a string", name)
			}
			values[string(name)] = string(h[3 : 3+n])
			h = h[3+n:]
		}
		if values[":message-type"] != "event" {
			t.Fatalf("got the headers %v", values)
		}
		all = append(all, message{values[":event-type"], values[":content-type"], b[12+headers : size-4]})
		b = b[size:]
	}
	return all
}

func (s *served) stream(body string, headers ...string) (*http.Response, string, invokeComplete) {
	s.t.Helper()
	resp, text := s.post("/2021-11-15/functions/function/response-streaming-invocations", body, headers...)
	if got := resp.Header.Get("Content-Type"); got != "application/vnd.amazon.eventstream" {
		s.t.Fatalf("got %d %s: %s", resp.StatusCode, got, text)
	}
	var payload strings.Builder
	var end invokeComplete
	messages := decodeStream(s.t, text)
	for i, m := range messages {
		switch {
		case m.kind == "PayloadChunk" && m.contentType == "application/octet-stream" && len(m.payload) <= maxChunk:
			payload.Write(m.payload)
		case m.kind == "InvokeComplete" && m.contentType == "application/json" && i == len(messages)-1:
			if err := json.Unmarshal(m.payload, &end); err != nil {
				s.t.Fatal(err)
			}
		default:
			s.t.Fatalf("got the message %s %s of %d bytes at %d of %d", m.kind, m.contentType, len(m.payload), i, len(messages))
		}
	}
	return resp, payload.String(), end
}

func TestServe_ResponseStream(t *testing.T) {
	t.Parallel()
	s := serve(t)
	long := strings.Repeat("x", 100_000)
	resp, payload, end := s.stream(`{"Do":"stream","Text":"`+long+`"}`, "X-Amz-Log-Type", "Tail")
	if payload != "first,"+long || end.ErrorCode != "" {
		t.Errorf("got %d bytes and %+v, want %d", len(payload), end, len(long)+6)
	}
	log, _ := base64.StdEncoding.DecodeString(end.LogResult)
	contains(t, string(log), "START RequestId: "+resp.Header.Get("X-Amzn-Requestid"))
}

func TestServe_ResponseStreamOfAFunctionThatDoesNotStream(t *testing.T) {
	t.Parallel()
	if _, payload, end := serve(t).stream(`{"Text":"whole"}`); payload != `"whole"` || end != (invokeComplete{}) {
		t.Errorf("got %q and %+v", payload, end)
	}
}

func TestServe_ResponseStreamThatFails(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if _, payload, end := s.stream(`{"Do":"broken stream","Text":"cut"}`); payload != "first," || end.ErrorCode != "errorString" || end.ErrorDetails != "cut" {
		t.Errorf("in the middle: got %q and %+v", payload, end)
	}
	if _, payload, end := s.stream(`{"Do":"error","Text":"boom"}`); payload != "" || end.ErrorCode != "errorString" || end.ErrorDetails != "boom" {
		t.Errorf("at the start: got %q and %+v", payload, end)
	}
}

func TestServe_ResponseStreamDryRun(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if resp, _ := s.post("/2021-11-15/functions/function/response-streaming-invocations", "{}", "X-Amz-Invocation-Type", "DryRun"); resp.StatusCode != 204 {
		t.Errorf("got %d, want 204", resp.StatusCode)
	}
}

func TestServe_LargeStream(t *testing.T) {
	t.Parallel()
	if _, payload, end := serve(t).stream(`{"Do":"stream","Text":"` + strings.Repeat("x", 4<<20) + `","N":1}`); len(payload) != 4<<20+6 || end.ErrorCode != "" {
		t.Errorf("got %d bytes and %+v", len(payload), end)
	}
}

func TestServe_RequestsAreBounded(t *testing.T) {
	t.Parallel()
	s := &server{&exchanges{runner: &runner{}, ctx: t.Context(), slots: make(chan struct{}, 1)}}
	s.slots <- struct{}{}
	for _, path := range []string{"/2015-03-31/functions/function/invocations", "/2021-11-15/functions/function/response-streaming-invocations"} {
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader("{}")))
		if w.Code != 429 || w.Header().Get("X-Amzn-Errortype") != "TooManyRequestsException" {
			t.Errorf("%s: got %d, want 429", path, w.Code)
		}
	}
	<-s.slots
	w := httptest.NewRecorder() // the request takes the last slot, so its invocation finds none
	req := httptest.NewRequest("POST", "/2015-03-31/functions/function/invocations", strings.NewReader("{}"))
	req.Header.Set("X-Amz-Invocation-Type", "Event")
	if s.handler().ServeHTTP(w, req); w.Code != 429 {
		t.Errorf("an asynchronous invocation: got %d, want 429", w.Code)
	}
}

func TestServe_FunctionThatDoesNotStartAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, "-env", "INIT=once", "-env", "MARK="+filepath.Join(t.TempDir(), "started"))
	s.invoke(`{"Do":"exit"}`)
	resp, text := s.invoke(`{}`)
	if resp.StatusCode != 502 || resp.Header.Get("X-Amzn-Errortype") != "ServiceException" {
		t.Errorf("got %d %s, want 502", resp.StatusCode, text)
	}
	contains(t, s.out.String(), "cannot run the function: function exited before asking for its first event: exit status 3\n")
}

// endless is a reader without an end that counts.
type endless int

func (e *endless) Read(p []byte) (int, error) {
	if *e > 64<<20 {
		return 0, io.ErrUnexpectedEOF
	}
	*e += endless(len(p))
	return len(p), nil
}

func TestServe_ReadingOfAnEventIsBounded(t *testing.T) {
	t.Parallel()
	s := &server{&exchanges{runner: &runner{}, ctx: t.Context(), slots: make(chan struct{}, 1)}}
	var body endless
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest("POST", "/2015-03-31/functions/function/invocations", &body))
	if w.Code != 413 || body > 2*emulator.MaxEvent {
		t.Errorf("got %d after %d bytes, want 413 after about %d", w.Code, body, emulator.MaxEvent)
	}
}

func TestEventStream_ChunksAreBounded(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	s := &eventStream{w: w}
	if n, err := s.Write(make([]byte, 3*maxChunk-1)); n != 3*maxChunk-1 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	var sizes []int
	for _, m := range decodeStream(t, w.Body.String()) {
		sizes = append(sizes, len(m.payload))
	}
	if want := []int{maxChunk, maxChunk, maxChunk - 1}; !slices.Equal(sizes, want) {
		t.Errorf("got chunks of %d bytes, want %d", sizes, want)
	}
}
