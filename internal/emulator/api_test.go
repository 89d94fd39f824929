package emulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// taken returns an environment with one invocation that the function took.
func taken(ev Event) (*environment, *invocation) {
	inv := &invocation{event: ev, done: make(chan answer, 1), stream: ev.Stream}
	return &environment{cfg: new(Config), inflight: map[string]*invocation{ev.RequestID: inv}, change: make(chan struct{}), extensions: make(map[string]*extension)}, inv
}

// post makes a request of the function about its invocation.
func (env *environment) post(path string, body io.Reader) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	env.api().ServeHTTP(w, httptest.NewRequest("POST", path, body))
	return w
}

// postRegister registers an extension.
func (env *environment) postRegister(name, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/2020-01-01/extension/register", strings.NewReader(body))
	r.Header.Set("Lambda-Extension-Name", name)
	w := httptest.NewRecorder()
	env.api().ServeHTTP(w, r)
	return w
}

// zeros is a reader without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestResponse_StreamIsBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size   int64
		status int
		kind   string
	}{{MaxStream, 202, ""}, {MaxStream + 1, 413, ErrorTooLarge}} {
		var passed counted
		env, inv := taken(Event{RequestID: "1", Stream: &passed})
		w := env.post("/2018-06-01/runtime/invocation/1/response", io.LimitReader(zeros{}, c.size))
		if r := <-inv.done; w.Code != c.status || r.ErrorType != c.kind || passed != MaxStream || len(r.Payload) > MaxResponse {
			t.Errorf("%d bytes: got %d, %q, %d passed on, %d kept", c.size, w.Code, r.ErrorType, passed, len(r.Payload))
		}
	}
}

func TestResponse_OnlyStreamsOfTheWantedType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind string
		want counted
	}{{"", 0}, {"text/plain", 4}} {
		var passed counted
		env, inv := taken(Event{RequestID: "1", Stream: &passed, StreamType: "text/plain"})
		r := httptest.NewRequest("POST", "/2018-06-01/runtime/invocation/1/response", strings.NewReader("text"))
		r.Header.Set("Content-Type", c.kind)
		env.api().ServeHTTP(httptest.NewRecorder(), r)
		if r := <-inv.done; passed != c.want || string(r.Payload) != "text" {
			t.Errorf("%q: got %d bytes passed on and the payload %s, want %d and text", c.kind, passed, r.Payload, c.want)
		}
	}
}

type counted int64

func (c *counted) Write(p []byte) (int, error) { *c += counted(len(p)); return len(p), nil }

func TestResponse_TooLargeInTheWordsOfTheRuntimeAPI(t *testing.T) {
	t.Parallel()
	env, _ := taken(Event{RequestID: "1"})
	w := env.post("/2018-06-01/runtime/invocation/1/response", io.LimitReader(zeros{}, MaxResponse+1))
	const want = `{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}`
	if got := w.Body.String(); w.Code != 413 || got != want {
		t.Errorf("got %d %s, want 413 %s", w.Code, got, want)
	}
}

func TestResponse_BrokenOff(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	env.post("/2018-06-01/runtime/invocation/1/response", io.MultiReader(strings.NewReader("part"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if r := <-inv.done; r.ErrorType != "Runtime.TruncatedResponse" || r.ErrorMessage != "the response broke off: unexpected EOF" {
		t.Errorf("got %s: %s, want a truncated response", r.ErrorType, r.ErrorMessage)
	}
}

// A stream that fails has its error in the trailers.
func TestResponse_ErrorInTheTrailers(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	inv.start = time.Now().Add(-time.Hour)
	inv.fail(&Failure{Type: "T", Message: "marked"})
	r := httptest.NewRequest("POST", "/2018-06-01/runtime/invocation/1/response", strings.NewReader("part"))
	r.Header.Set("Content-Type", "text/html")
	r.Trailer = http.Header{
		"Lambda-Runtime-Function-Error-Type": {"errorString"},
		"Lambda-Runtime-Function-Error-Body": {base64.StdEncoding.EncodeToString([]byte(`{"errorMessage":"boom"}`))},
	}
	w := httptest.NewRecorder()
	env.api().ServeHTTP(w, r)
	got := <-inv.done
	if w.Code != http.StatusAccepted || got.ErrorType != "errorString" || got.ErrorMessage != "boom" || string(got.Payload) != "part" || got.Size != 4 || got.ContentType != "text/html" {
		t.Errorf("got %d and %+v, want the part and the error boom", w.Code, got.Result)
	}
	if got.RequestID != "1" || got.Failure == nil || got.Failure.Message != "marked" || got.Duration < time.Hour {
		t.Errorf("got %+v, want the request 1 with its failure and its duration", got.Result)
	}
}

func TestError_DocumentIsBounded(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	env.post("/2018-06-01/runtime/invocation/1/error", io.LimitReader(zeros{}, 10<<20))
	if r := <-inv.done; len(r.Payload) != MaxResponse || r.Size != 10<<20 || r.ErrorType != "Unhandled" {
		t.Errorf("got %d bytes of %d, %s", len(r.Payload), r.Size, r.ErrorType)
	}
}

func TestError_ResultOfADocument(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	inv.start = time.Now().Add(-time.Hour)
	const doc = `{"errorType":"T","errorMessage":"m"}`
	env.post("/2018-06-01/runtime/invocation/1/error", strings.NewReader(doc))
	r := <-inv.done
	if r.RequestID != "1" || r.ErrorType != "T" || r.ErrorMessage != "m" || string(r.Payload) != doc || r.Size != int64(len(doc)) || r.ContentType != "application/json" || r.Duration < time.Hour {
		t.Errorf("got %+v, want T: m of the request 1 after an hour", r.Result)
	}
}

func TestNext_DescribesTheInvocation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := ""
		env := newEnvironment(&Config{FunctionName: "orders", Region: "eu-west-1", Concurrency: 1, Timeout: 3 * time.Second, Asked: func() { calls += "asked " }})
		env.queue = make(chan *invocation, 2)
		env.queue <- &invocation{event: Event{RequestID: "r-1", TraceHeader: "Root=1-2-3", Payload: []byte("{}"), Taken: func() { calls += "taken" }}, taken: make(chan struct{})}
		last := &invocation{event: Event{RequestID: "r-2", TenantID: "acme", ClientContext: `{"custom":{}}`}, taken: make(chan struct{})}
		env.queue <- last
		next := func() map[string]string {
			w := httptest.NewRecorder()
			env.api().ServeHTTP(w, httptest.NewRequest("GET", "/2018-06-01/runtime/invocation/next", nil))
			got := map[string]string{"body": w.Body.String()}
			for name := range w.Header() {
				got[strings.TrimPrefix(name, "Lambda-Runtime-")] = w.Header().Get(name)
			}
			return got
		}
		time.Sleep(time.Second) // of the start
		want := map[string]string{
			"body": "{}", "Content-Type": "application/json", "Content-Length": "2", "Aws-Request-Id": "r-1", "Trace-Id": "Root=1-2-3",
			"Deadline-Ms": fmt.Sprint(time.Now().Add(3 * time.Second).UnixMilli()), "Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:orders",
		}
		if got := next(); !maps.Equal(got, want) || calls != "asked taken" || env.init != time.Second || !env.asked || env.polls != 1 {
			t.Errorf("got %v after the calls %q and %v of init, want %v", got, calls, env.init, want)
		}
		time.Sleep(time.Second)
		got := next()
		if got["Aws-Tenant-Id"] != "acme" || got["Client-Context"] != `{"custom":{}}` || got["Content-Length"] != "0" || env.init != time.Second || env.polls != 2 {
			t.Errorf("got %v and %v of init, want the tenant acme, the client context, and the init of the first event", got, env.init)
		}
		if <-last.taken; !last.start.Equal(time.Now()) {
			t.Errorf("got the start %v, want now", last.start)
		}
	})
}

// A request for an event whose process has left takes none.
func TestNext_OfAProcessThatHasLeft(t *testing.T) {
	t.Parallel()
	env := extended(&extension{name: "busy"}) // the environment is not ready for an event
	left, leave := context.WithCancel(t.Context())
	leave()
	env.queue = make(chan *invocation, 1)
	env.queue <- &invocation{event: Event{RequestID: "r-1"}, taken: make(chan struct{})}
	for range 50 { // a wrong one takes it by chance
		w := httptest.NewRecorder()
		env.api().ServeHTTP(w, httptest.NewRequest("GET", "/2018-06-01/runtime/invocation/next", nil).WithContext(left))
		if w.Body.Len() != 0 || w.Header().Get("Lambda-Runtime-Aws-Request-Id") != "" {
			t.Fatalf("got %v, want no event", w.Header())
		}
	}
}

// gone counts the writes to a caller that has left.
type gone int

func (g *gone) Write([]byte) (int, error) { *g++; return 0, io.ErrClosedPipe }

func TestStream_NothingIsWrittenToACallerThatLeft(t *testing.T) {
	t.Parallel()
	var left gone
	inv := &invocation{stream: &left}
	for range 3 {
		if n, err := inv.Write([]byte("part")); n != 4 || err != nil {
			t.Errorf("got %d and %v, want that the function goes on", n, err)
		}
	}
	if left != 1 {
		t.Errorf("got %d writes, want 1", left)
	}
	var passed counted
	inv = &invocation{stream: &passed}
	inv.Write([]byte("part"))
	inv.detach()
	inv.Write([]byte("late"))
	if passed != 4 {
		t.Errorf("got %d bytes, want the 4 before the caller left", passed)
	}
}

func TestInvoke_EventThatNobodyTakesIsForgotten(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	close(gone)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		gone chan struct{}
		want error
	}{"the process ends": {t.Context(), gone, errEnvironmentOver}, "the caller leaves": {ended, make(chan struct{}), context.Canceled}} {
		env := &environment{inflight: map[string]*invocation{}, gone: c.gone, cfg: new(Config), change: make(chan struct{})}
		if _, err := env.invoke(c.ctx, Event{}); err != c.want || len(env.inflight) != 0 {
			t.Errorf("%s: got %v and %d invocations, want %v and none", name, err, len(env.inflight), c.want)
		}
	}
}

func TestExtension_RegisterDescribesTheFunction(t *testing.T) {
	t.Parallel()
	env, _ := taken(Event{})
	env.cfg = &Config{FunctionName: "orders"}
	w := env.postRegister("golang", `{"events":[]}`)
	const want = `{"functionName":"orders","functionVersion":"$LATEST","handler":"bootstrap"}`
	if got := w.Body.String(); got != want || w.Header().Get("Lambda-Extension-Identifier") == "" || len(env.extensions) != 1 {
		t.Errorf("got %s, headers %v and %d extensions, want %s, an id and one", got, w.Header(), len(env.extensions), want)
	}
}

func TestExtension_RegisterIsRefusedAsInLambda(t *testing.T) {
	t.Parallel()
	register := func(change func(*environment), name, body string) string {
		env, _ := taken(Event{})
		env.cfg = &Config{Concurrency: 1}
		change(env)
		w := env.postRegister(name, body)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: got status %d, want 403", body, w.Code)
		}
		var doc struct {
			ErrorType string `json:"errorType"`
		}
		json.Unmarshal(w.Body.Bytes(), &doc)
		return doc.ErrorType
	}
	nothing := func(*environment) {}
	for want, got := range map[string]string{
		"Extension.RegistrationClosed":    register(func(env *environment) { env.asked = true }, "a", ""),
		"Extension.InvalidExtensionName":  register(nothing, "", ""),
		"InvalidRequestFormat":            register(nothing, "a", "{"),
		"Extension.InvalidEventType":      register(nothing, "a", `{"events":["INVOKE","SHUTDOWN"]}`),
		"Extension.InvalidExtensionState": register(func(env *environment) { env.postRegister("a", "") }, "a", ""),
		"Extension.TooManyExtensions": register(func(env *environment) {
			for i := range maxExtensions {
				env.postRegister(fmt.Sprint(i), "")
			}
		}, "a", ""),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := register(func(env *environment) { env.cfg.Concurrency = 2 }, "a", `{"events":["INVOKE"]}`); got != "Extension.InvalidEventType" {
		t.Errorf("concurrent invocations: got %s, want Extension.InvalidEventType", got)
	}
}

func TestExtension_NextOfAnUnknownOne(t *testing.T) {
	t.Parallel()
	env, _ := taken(Event{})
	w := httptest.NewRecorder()
	env.api().ServeHTTP(w, httptest.NewRequest("GET", "/2020-01-01/extension/event/next", nil))
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Extension.UnknownExtensionIdentifier") {
		t.Errorf("got %d %s, want 403", w.Code, w.Body)
	}
}

func TestAnswer_OfAnUnknownInvocation(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	for path, want := range map[string]int{
		"/2018-06-01/runtime/invocation/2/response": 202, "/2018-06-01/runtime/invocation/2/error": 202, "/lambdakit/invocation/2/failure": 404,
	} {
		if w := env.post(path, strings.NewReader("{}")); w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
	if len(inv.done) != 0 {
		t.Error("the answer went to another invocation")
	}
}

func TestAnswer_FirstCounts(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	for _, body := range []string{"1", "2"} {
		env.post("/2018-06-01/runtime/invocation/1/response", strings.NewReader(body))
	}
	if r := <-inv.done; string(r.Payload) != "1" || len(inv.done) != 0 {
		t.Errorf("got %s, want the first answer", r.Payload)
	}
}

func TestFailureReport_IsBoundedAndTheFirstCounts(t *testing.T) {
	t.Parallel()
	env, inv := taken(Event{RequestID: "1"})
	large, _ := json.Marshal(Failure{"T", strings.Repeat("x", maxFailure)})
	for _, c := range []struct {
		body string
		want int
	}{{string(large), 400}, {"[", 400}, {`{"errorType":"T","errorMessage":"first"}`, 202}, {`{"errorType":"T","errorMessage":"second"}`, 202}} {
		if w := env.post("/lambdakit/invocation/1/failure", strings.NewReader(c.body)); w.Code != c.want {
			t.Errorf("%.50s: got %d, want %d", c.body, w.Code, c.want)
		}
	}
	if got := inv.reported(); got == nil || got.Message != "first" {
		t.Errorf("got %+v, want the first", got)
	}
}

func TestInitError_GoesToTheEndOfStandardError(t *testing.T) {
	t.Parallel()
	env := &environment{stderr: NewTail(10), cfg: new(Config)}
	env.post("/2018-06-01/runtime/init/error", strings.NewReader("no configuration"))
	if got := env.stderr.String(); got != "figuration" {
		t.Errorf("got %q, want the last 10 bytes", got)
	}
}

func TestLog_NothingBeforeTheFunctionTakesTheEvent(t *testing.T) {
	t.Parallel()
	var log, out bytes.Buffer
	env, inv := taken(Event{RequestID: "1", Log: &log})
	w := &output{env, &out}
	io.WriteString(w, "of the one before")
	inv.start = time.Now()
	io.WriteString(w, "its own")
	if log.String() != "its own" || out.String() != "of the one beforeits own" {
		t.Errorf("got the log %q of the output %q", &log, &out)
	}
}

// TestAwait_AnswerAtTheDeadline is about an answer that arrives at the same time as the
// deadline, from a function that does not ask for another event.
func TestAwait_AnswerAtTheDeadline(t *testing.T) {
	t.Parallel()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for range 50 { // await picks one of both by chance
		env, inv := taken(Event{RequestID: "1"})
		env.cfg, env.gone, env.cmd = &Config{Concurrency: 2}, make(chan struct{}), &exec.Cmd{Process: self}
		inv.taken = make(chan struct{})
		close(inv.taken)
		inv.answer(&Result{RequestID: "1"}, 0)
		if r := env.await(inv); r.ErrorType != "" {
			t.Fatalf("got %s, want the answer", r.ErrorType)
		}
	}
}
