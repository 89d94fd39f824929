package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

func TestInvoke_OutputIsThereWithTheResult(t *testing.T) {
	t.Parallel()
	out, errs := processtest.NewOutput(), processtest.NewOutput()
	e := start(t, "any", emulator.Config{Stdout: out, Stderr: errs})
	want := ""
	for range 20 {
		invoke(t, e, event{Do: "print", Text: "no end"})
		if want += "no end"; out.String() != want || errs.String() != want {
			t.Fatalf("got %q and %q, want %q in both", out, errs, want)
		}
	}
}

func TestInvoke_DefaultsOfTheFunction(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	for name, want := range map[string]string{"AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128"} {
		r := invoke(t, e, event{Do: "env", Text: name})
		if got := string(r.Payload); got != `"`+want+`"` {
			t.Errorf("%s: got %s, want %q", name, got, want)
		}
		if runtime.GOOS == "linux" && r.MaxRSS <= 0 {
			t.Errorf("got %d bytes of memory, want some", r.MaxRSS)
		}
	}
}

func TestInvoke_StandardInput(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{Stdin: strings.NewReader("typed")})
	if r := invoke(t, e, event{Do: "read"}); string(r.Payload) != `"typed"` {
		t.Errorf("got %s, want the standard input", r.Payload)
	}
}

func TestInvoke_LastLineOfAPanic(t *testing.T) {
	t.Parallel()
	errs := processtest.NewOutput()
	e := start(t, "any", emulator.Config{Stderr: errs})
	for i := range 5 {
		invoke(t, e, event{Do: "panic", Text: "ouch"})
		if n := strings.Count(errs.String(), "the process should exit\n"); n != i+1 {
			t.Fatalf("got the last line %d times after %d panics:\n%s", n, i+1, errs)
		}
	}
}

func TestInvoke_OutputOfAProcessThatEnds(t *testing.T) {
	t.Parallel()
	out := processtest.NewOutput()
	e := start(t, "any", emulator.Config{Stdout: out})
	r := invoke(t, e, event{Do: "exit"})
	if r.ErrorType != emulator.ErrorExit || !strings.Contains(r.ErrorMessage, "exit status 4") || out.String() != "leaving" {
		t.Errorf("got %+v and %q", r, out)
	}
	wantDocument := `{"errorMessage":"` + r.ErrorMessage + `","errorType":"Runtime.ExitError"}`
	if !strings.HasPrefix(r.ErrorMessage, "RequestId: "+r.RequestID+" Error: ") || len(r.RequestID) != 36 || string(r.Payload) != wantDocument || r.ContentType != "application/json" || r.Duration <= 0 {
		t.Errorf("got %+v with %s, want %s of a request with an id and a duration", r, r.Payload, wantDocument)
	}
	if !strings.HasPrefix(r.TraceHeader, "Root=1-") || r.Start.IsZero() {
		t.Errorf("got the trace %q and the start %v, want both", r.TraceHeader, r.Start)
	}
	if r := invoke(t, e, event{Text: "alive"}); string(r.Payload) != `"alive"` || r.InitDuration == 0 {
		t.Errorf("got %+v, want an answer of a new process", r)
	}
}

func TestInvoke_Timeout(t *testing.T) {
	t.Parallel()
	out := processtest.NewOutput()
	e := start(t, "any", emulator.Config{Timeout: time.Second, Stdout: out})
	r := invoke(t, e, event{Do: "sleep", N: 3_600_000})
	if r.ErrorType != emulator.ErrorTimeout || !strings.HasSuffix(r.ErrorMessage, "Task timed out after 1.00 seconds") || out.String() != "sleeping" {
		t.Errorf("got %+v and %q", r, out)
	}
	if r := invoke(t, e, event{}); r.InitDuration == 0 {
		t.Error("the process lives on after a timeout")
	}
}

func TestInvoke_TimeoutUnderConcurrencyLeavesTheProcess(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{Timeout: time.Second, Concurrency: 2})
	if r := invoke(t, e, event{Do: "sleep", N: 1500}); r.ErrorType != emulator.ErrorTimeout {
		t.Errorf("got %+v, want a timeout", r)
	}
	for range 4 { // the late answer is accepted
		if r := invoke(t, e, event{Text: "alive"}); string(r.Payload) != `"alive"` || r.InitDuration != 0 {
			t.Errorf("got %+v, want an answer of the same process", r)
		}
	}
}

func TestInvoke_ContextEnds(t *testing.T) {
	t.Parallel()
	out := processtest.NewOutput()
	e := start(t, "any", emulator.Config{Stdout: out})
	ctx, cancel := context.WithCancel(t.Context())
	var err error
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err = e.Invoke(ctx, emulator.Event{Payload: []byte(`{"Do":"sleep","N":3600000}`)})
	})
	out.WaitFor("sleeping", 1)
	cancel()
	wg.Wait()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled context", err)
	}
}

func TestInvoke_Closed(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	e.Close()
	if _, err := e.Invoke(t.Context(), emulator.Event{}); err == nil {
		t.Error("a closed emulator took an event")
	}
}

func TestInvoke_TenantAndClientContext(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"context"}`), TenantID: "acme", ClientContext: `{"custom":{"é":"\u001b"}}`})
	if want := `{"client":{"é":"\u001b"},"tenant":"acme"}`; err != nil || string(r.Payload) != want {
		t.Errorf("got %s, %v, want %s", r.Payload, err, want)
	}
	if r := invoke(t, e, event{Do: "context"}); string(r.Payload) != `{"client":null,"tenant":""}` {
		t.Errorf("got %s without a tenant and a client context", r.Payload)
	}
}

func TestInvoke_Log(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	invoke(t, e, event{Do: "print", Text: "before"})
	log := processtest.NewOutput()
	if _, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"print","Text":"a"}`), Log: log}); err != nil {
		t.Fatal(err)
	}
	invoke(t, e, event{Do: "print", Text: "after"})
	if log.String() != "aa" { // of both outputs
		t.Errorf("got %q, want the output of the invocation", log)
	}
}

func TestInvoke_EmptyEventIsAnEmptyObject(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	if r, err := e.Invoke(t.Context(), emulator.Event{}); err != nil || string(r.Payload) != `""` {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestInvoke_RefusesWhatLambdaRefuses(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	var refused *emulator.RequestError
	if _, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte("{")}); !errors.As(err, &refused) || refused.Status != 400 {
		t.Errorf("got %v, want a refused request", err)
	}
}

func TestInvoke_LargestResponse(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	if r := invoke(t, e, event{Do: "response", N: emulator.MaxResponse}); len(r.Payload) != 6_291_556 || r.Failed() {
		t.Errorf("got %d bytes and %q, want all", len(r.Payload), r.ErrorType)
	}
}

func TestInvoke_ResponseTooLarge(t *testing.T) {
	t.Parallel()
	errs := processtest.NewOutput()
	e := start(t, "any", emulator.Config{Stderr: errs})
	r := invoke(t, e, event{Do: "response", N: emulator.MaxResponse + 1})
	const want = "Response payload size (6291557 bytes) exceeded maximum allowed payload size (6291556 bytes)."
	if r.ErrorType != "Function.ResponseSizeTooLarge" || r.ErrorMessage != want || len(r.Payload) > 1000 {
		t.Errorf("got %s: %s", r.ErrorType, r.ErrorMessage)
	}
	if !strings.Contains(errs.String(), "unexpected status code: 413") {
		t.Errorf("the function did not see 413:\n%s", errs)
	}
}

func TestInvoke_StreamIsLargerThanAResponse(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	var n counter
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"stream","N":7000000}`), Stream: &n})
	if err != nil || r.Failed() || n != 7_000_000 || r.Size != 7_000_000 || len(r.Payload) != emulator.MaxResponse {
		t.Errorf("got %d bytes of %d, kept %d: %s, %v", n, r.Size, len(r.Payload), r.ErrorType, err)
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func TestInvoke_StreamToACallerThatLeft(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`{"Do":"stream","N":100000}`), Stream: broken{}})
	if err != nil || r.Failed() || r.Size != 100_000 {
		t.Errorf("got %+v, %v: a caller that left must not fail the function", r, err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestInvoke_LargeErrorWithItsXRayCause(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	if r := invoke(t, e, event{Do: "panic", Text: "x", N: 1_044_000}); len(r.ErrorMessage) != 1_044_000 {
		t.Errorf("got %s with %d bytes, want the panic", r.ErrorType, len(r.ErrorMessage))
	}
}

func TestFailure_OfAnAnsweredInvocation(t *testing.T) {
	t.Parallel()
	e := start(t, "kit", emulator.Config{})
	r := invoke(t, e, event{Do: "fail", Text: "no stock"})
	if !r.Failed() || r.ErrorType != "" || string(r.Payload) != `"answered"` || r.Failure == nil || *r.Failure != (emulator.Failure{Type: "namedError", Message: "no stock"}) {
		t.Errorf("got %+v, %+v, want an answer and the first failure", r, r.Failure)
	}
	if r := invoke(t, e, event{}); r.Failed() {
		t.Errorf("got %+v after a failure, want none", r.Failure)
	}
}

func TestFailure_OfAStream(t *testing.T) {
	t.Parallel()
	e := start(t, "kit stream", emulator.Config{})
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`"late"`)})
	if err != nil || r.Failure == nil || r.Failure.Message != "late" || string(r.Payload) != "page" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestFailure_ReturnedErrorsAndPanicsCountInstead(t *testing.T) {
	t.Parallel()
	e := start(t, "kit", emulator.Config{})
	for _, do := range []string{"fail and return", "fail and panic"} {
		if r := invoke(t, e, event{Do: do, Text: "boom"}); r.Failure != nil || r.ErrorMessage != "boom" {
			t.Errorf("%s: got %+v, %+v", do, r, r.Failure)
		}
	}
}

func TestFailure_TextIsBounded(t *testing.T) {
	t.Parallel()
	e := start(t, "kit", emulator.Config{})
	r := invoke(t, e, event{Do: "fail", Text: "x", N: 1 << 20})
	if r.Failure == nil || len(r.Failure.Message) != 8<<10 {
		t.Errorf("got %+v, want 8 KB of text", r.Failure)
	}
}

func TestFailure_PanicInErrorDoesNotReachTheFunction(t *testing.T) {
	t.Parallel()
	e := start(t, "kit", emulator.Config{})
	if r := invoke(t, e, event{Do: "fail with a panic in Error"}); string(r.Payload) != `"answered"` || r.ErrorType != "" {
		t.Errorf("got %+v, want the answer", r)
	}
}

func TestFailure_OutsideLambdakitRunNothingIsSent(t *testing.T) {
	t.Parallel()
	e := start(t, "kit", emulator.Config{Env: []string{"LAMBDAKIT_LOCAL="}})
	if r := invoke(t, e, event{Do: "fail", Text: "x"}); r.Failure != nil {
		t.Errorf("got %+v, want nothing as in Lambda", r.Failure)
	}
}

func TestStart_ExitBeforeTheFirstEvent(t *testing.T) {
	t.Parallel()
	_, err := emulator.Start(t.Context(), processtest.Config(t, "exit", emulator.Config{}))
	var init *emulator.InitError
	if !errors.As(err, &init) || !strings.HasSuffix(init.Reason, "exit status 3") {
		t.Fatalf("got %v, want an InitError", err)
	}
	if n := len(init.Stderr); n != 8<<10 || !strings.HasSuffix(init.Stderr, "the end\n") || !strings.Contains(init.Error(), "the end") {
		t.Errorf("got %d bytes, want the last 8 KB of standard error", n)
	}
}

// connections accepts connections of processes.
type connections struct {
	net.Listener
	accepted chan net.Conn
}

func listen(t *testing.T) *connections {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &connections{l, make(chan net.Conn, 1)}
	go func() {
		defer close(c.accepted)
		if conn, err := l.Accept(); err == nil {
			c.accepted <- conn
		}
	}()
	t.Cleanup(func() { l.Close() })
	return c
}

func (c *connections) env() []string { return []string{"TEST_ADDRESS=" + c.Addr().String()} }

// wantEnd checks that a process with this connection, if there is one, has ended or ends now.
func wantEnd(t *testing.T, conn net.Conn) {
	t.Helper()
	if conn == nil {
		return
	}
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("got a process that goes on, want its end")
	}
	conn.Close()
}

func TestStart_NoFirstEventInTime(t *testing.T) {
	t.Parallel()
	c := listen(t)
	_, err := emulator.Start(t.Context(), processtest.Config(t, "hang", emulator.Config{InitTimeout: 300 * time.Millisecond, Env: c.env()}))
	var init *emulator.InitError
	if !errors.As(err, &init) || init.Reason != "function did not ask for its first event within 300ms" {
		t.Errorf("got %v, want an InitError", err)
	}
	c.Close()
	wantEnd(t, <-c.accepted)
}

func TestStart_ContextEnds(t *testing.T) {
	t.Parallel()
	c := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	var conn net.Conn
	go func() {
		conn = <-c.accepted
		cancel()
	}()
	if _, err := emulator.Start(ctx, processtest.Config(t, "hang", emulator.Config{Env: c.env()})); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled context", err)
	}
	wantEnd(t, conn)
}

func TestStart_ProcessesThatTheFunctionLeavesBehindEnd(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no process groups")
	}
	c := listen(t)
	var init *emulator.InitError
	if _, err := emulator.Start(t.Context(), processtest.Config(t, "leave a child", emulator.Config{Env: c.env()})); !errors.As(err, &init) {
		t.Errorf("got %v, want an InitError", err)
	}
	c.Close()
	wantEnd(t, <-c.accepted)
}

func TestStart_NoProgram(t *testing.T) {
	t.Parallel()
	if _, err := emulator.Start(t.Context(), emulator.Config{}); err == nil {
		t.Error("no command: got no error")
	}
	if _, err := emulator.Start(t.Context(), emulator.Config{Command: []string{filepath.Join(t.TempDir(), "none")}}); !errors.Is(err, os.ErrNotExist) && !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v, want that the program does not exist", err)
	}
}

func TestClose_SIGTERMIfTheFunctionAskedForIt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	out := processtest.NewOutput()
	e := start(t, "sigterm", emulator.Config{Stdout: out})
	invoke(t, e, event{})
	if e.Close(); out.String() != "told to end" {
		t.Errorf("got %q, want the callback's output", out)
	}
}

func TestDirectory_MayBeRelative(t *testing.T) {
	t.Parallel()
	want, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	e := start(t, "any", emulator.Config{Dir: ".."})
	var got string
	if json.Unmarshal(invoke(t, e, event{Do: "env", Text: "LAMBDA_TASK_ROOT"}).Payload, &got); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDirectory_IsTheTaskRoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := start(t, "any", emulator.Config{Dir: dir})
	exe, _ := os.Executable()
	for _, c := range []struct {
		ev   event
		want string
	}{
		{event{Do: "directory"}, dir},
		{event{Do: "env", Text: "LAMBDA_TASK_ROOT"}, dir},
		{event{Do: "env", Text: "PWD"}, dir},
		{event{Do: "env", Text: "LAMBDA_RUNTIME_DIR"}, filepath.Dir(exe)},
	} {
		var got string
		if json.Unmarshal(invoke(t, e, c.ev).Payload, &got); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.ev, got, c.want)
		}
	}
}

func TestRuntimeAPI_RefusesWebPages(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{})
	var address string
	if err := json.Unmarshal(invoke(t, e, event{Do: "env", Text: "AWS_LAMBDA_RUNTIME_API"}).Payload, &address); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, path, host, origin string }{
		{"GET", "/2018-06-01/runtime/invocation/next", "evil.example", ""},
		{"GET", "/2018-06-01/runtime/invocation/next", "", "https://evil.example"},
		{"POST", "/2018-06-01/runtime/invocation/x/response", "", "https://evil.example"},
		{"POST", "/lambdakit/invocation/x/failure", "evil.example:80", ""},
	} {
		req, _ := http.NewRequest(c.method, "http://"+address+c.path, nil)
		req.Host = c.host
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%+v: got %d, want 403", c, resp.StatusCode)
		}
	}
}

// endless is a reader that never returns.
type endless struct{}

func (endless) Read([]byte) (int, error) { select {} }

func TestClose_DoesNotWaitForStandardInput(t *testing.T) {
	t.Parallel()
	e := start(t, "any", emulator.Config{Stdin: endless{}})
	e.Close()
}
