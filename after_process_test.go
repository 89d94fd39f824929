package lambdakit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/extension"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

// afterFunction is a function whose work after the response makes a request to BACKEND. It ends as
// its event says.
func afterFunction(start func(lambda.Handler), mw ...lambdakit.Middleware) func() {
	return func() {
		start(lambdakit.Wrap(func(ctx context.Context, how string) (string, error) {
			lambdakit.AfterResponse(ctx, "call", func(ctx context.Context) error {
				req, err := http.NewRequestWithContext(ctx, "POST", os.Getenv("BACKEND")+"/"+lambdakit.FromContext(ctx).RequestID(), nil)
				if err != nil {
					return err
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					return err
				}
				return resp.Body.Close()
			})
			lambdakit.AfterResponse(ctx, "second", func(context.Context) error {
				fmt.Println("second work")
				return errors.New("second error")
			})
			switch how {
			case "error":
				return "", errors.New("oops")
			case "panic":
				panic("oops")
			case "panic that does not end the process":
				panic(messages.InvokeResponse_Error{Type: "Oops", Message: "oops"})
			case "goexit":
				runtime.Goexit()
			case "hang":
				lambdakit.AfterResponse(ctx, "hangs", func(context.Context) error { select {} })
			}
			return "ok", nil
		}, mw...))
	}
}

func init() {
	start := func(h lambda.Handler) { lambda.Start(h) }
	functions["after"] = afterFunction(start, lambdakit.RespondFirst)
	functions["before"] = afterFunction(start)
	functions["after with SIGTERM"] = afterFunction(func(h lambda.Handler) {
		lambda.StartWithOptions(h, lambda.WithEnableSIGTERM(lambdakit.Shutdown, func() { os.Exit(0) }))
	}, lambdakit.RespondFirst)
	functions["after a warm-up"] = afterFunction(func(h lambda.Handler) {
		lambda.Start(lambda.NewHandler(func(ctx context.Context, how string) (string, error) {
			if how == "warm" {
				return "warm", nil
			}
			out, err := h.Invoke(ctx, []byte(`"`+how+`"`))
			return strings.Trim(string(out), `"`), err
		}))
	}, lambdakit.RespondFirst)
	functions["after another context"] = afterFunction(func(h lambda.Handler) {
		lambda.Start(lambda.NewHandler(func(_ context.Context, how string) (json.RawMessage, error) {
			return h.Invoke(context.Background(), []byte(`"`+how+`"`))
		}))
	}, lambdakit.RespondFirst)
	functions["after a nested handler"] = func() {
		inner := lambdakit.WrapFunc(func(ctx context.Context) {
			lambdakit.AfterResponse(ctx, "inner", func(context.Context) error { fmt.Println("inner work"); return nil })
		}, lambdakit.RespondFirst)
		afterFunction(func(outer lambda.Handler) { lambda.Start(outer) }, lambdakit.RespondFirst, func(next lambdakit.Handler) lambdakit.Handler {
			return func(ctx context.Context, inv *lambdakit.Invocation) error {
				inner.Invoke(ctx, nil)
				fmt.Println("inner returned")
				return next(ctx, inv)
			}
		})()
	}
	functions["after a refusal"] = func() {
		exit := func(err error) { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
		if _, err := extension.Register(os.Getenv("AWS_LAMBDA_RUNTIME_API"), "lambdakit", exit); err != nil { // takes the name
			exit(err)
		}
		afterFunction(start, lambdakit.RespondFirst)()
	}
	functions["after nothing"] = func() {
		lambda.Start(lambdakit.WrapFunc(func() {}, lambdakit.RespondFirst))
	}
	functions["after a stream"] = func() {
		lambda.Start(lambdakit.WrapStream(func(ctx context.Context, _ string) (io.Reader, error) {
			lambdakit.AfterResponse(ctx, "call", func(ctx context.Context) error {
				resp, err := http.Post(os.Getenv("BACKEND")+"/"+lambdakit.FromContext(ctx).RequestID(), "", nil)
				if err == nil {
					resp.Body.Close()
				}
				return err
			})
			return strings.NewReader("streamed"), nil
		}, lambdakit.RespondFirst))
	}
}

// backend answers a request when the invocation that makes it has been answered. So a function that
// works before its response hangs.
type backend struct {
	*httptest.Server

	mu       sync.Mutex
	answered map[string]chan struct{}
	requests []string
}

func newBackend(t *testing.T) *backend {
	b := &backend{answered: make(map[string]chan struct{})}
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.URL.Path, "/")
		b.mu.Lock()
		b.requests = append(b.requests, id)
		b.mu.Unlock()
		select {
		case <-b.of(id):
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) of(id string) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.answered[id] == nil {
		b.answered[id] = make(chan struct{})
	}
	return b.answered[id]
}

// warmUp makes an invocation after which the extension has seen an event. The event of the first one may
// come late on a busy machine, and then the work runs before the response.
func (b *backend) warmUp(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	b.invoke(t, e, "first", "ok", false)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = nil
	delete(b.answered, "first")
}

// invoke makes an invocation whose backend waits for the answer of the function, or for nothing.
func (b *backend) invoke(t *testing.T, e *emulator.Emulator, id, how string, waits bool) *emulator.Result {
	t.Helper()
	if !waits {
		close(b.of(id))
	}
	r, err := e.Invoke(t.Context(), emulator.Event{RequestID: id, Payload: []byte(`"` + how + `"`), Answered: func(*emulator.Result) {
		if waits {
			close(b.of(id))
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *backend) wantRequests(t *testing.T, want ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if fmt.Sprint(b.requests) != fmt.Sprint(want) {
		t.Errorf("got the requests %v, want %v", b.requests, want)
	}
}

func TestRespondFirst_WorkRunsAfterTheResponse(t *testing.T) {
	t.Parallel()
	for _, function := range []string{"after", "after with SIGTERM", "after a stream"} {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			b := newBackend(t)
			e, _ := processtest.Start(t, function, emulator.Config{Env: []string{"BACKEND=" + b.URL}})
			b.warmUp(t, e)
			for _, id := range []string{"1", "2", "3"} {
				if r := b.invoke(t, e, id, "ok", true); r.ErrorType != "" {
					t.Errorf("got %s: %s, want an answer", r.ErrorType, r.ErrorMessage)
				}
			}
			b.wantRequests(t, "1", "2", "3")
		})
	}
}

func TestRespondFirst_WorkOfAFailureRunsAfterTheError(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	var stderr syncBuffer
	e, out := processtest.Start(t, "after", emulator.Config{Env: []string{"BACKEND=" + b.URL}, Stderr: &stderr})
	b.warmUp(t, e)
	if r := b.invoke(t, e, "1", "error", true); r.ErrorMessage != "oops" {
		t.Errorf("got %q, want the error of the handler", r.ErrorMessage)
	}
	b.invoke(t, e, "2", "ok", true)
	b.wantRequests(t, "1", "2")
	if n := strings.Count(out.String(), "second work\n"); n != 3 {
		t.Errorf("got %d times the second work, want 3", n)
	}
	if want := `lambdakit: work after the response failed: second: second error`; !strings.Contains(stderr.String(), want) {
		t.Errorf("got the lines %s, want %s", stderr.String(), want)
	}
}

// aws-lambda-go ends the process when it has sent the error of a panic.
func TestRespondFirst_WorkOfAPanicRunsBeforeTheError(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	e, _ := processtest.Start(t, "after", emulator.Config{Env: []string{"BACKEND=" + b.URL}})
	for i, how := range []string{"panic", "goexit", "panic"} {
		if r := b.invoke(t, e, fmt.Sprint(i), how, false); r.ErrorType == "" || r.ErrorType == emulator.ErrorTimeout {
			t.Errorf("%s: got the error type %q, want a failure", how, r.ErrorType)
		}
	}
	b.invoke(t, e, "3", "ok", false)
	b.wantRequests(t, "0", "1", "2", "3")
}

// aws-lambda-go goes on after a panic with one of its own errors.
func TestRespondFirst_APanicMayLeaveTheProcessAlive(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	e, _ := processtest.Start(t, "after", emulator.Config{Env: []string{"BACKEND=" + b.URL}, Timeout: 2 * time.Second})
	b.warmUp(t, e)
	if r := b.invoke(t, e, "1", "panic that does not end the process", false); r.ErrorType != "Oops" || r.TimedOutAfter {
		t.Errorf("got the error type %q, and a timeout after the response %v, want the panic alone", r.ErrorType, r.TimedOutAfter)
	}
	if r := b.invoke(t, e, "2", "ok", true); r.InitDuration != 0 {
		t.Error("got another process, want the same")
	}
	b.wantRequests(t, "1", "2")
}

func TestRespondFirst_WithoutWorkTheEnvironmentIsFrozenAtOnce(t *testing.T) {
	t.Parallel()
	e, _ := processtest.Start(t, "after nothing", emulator.Config{Timeout: 2 * time.Second})
	for range 2 {
		if r := processtest.Invoke(t, e, `{}`); r.ErrorType != "" || r.TimedOutAfter {
			t.Errorf("got the error type %q, and a timeout after the response %v, want neither", r.ErrorType, r.TimedOutAfter)
		}
	}
}

// A handler that gets no request id has no event of its own to work after.
func TestRespondFirst_WithoutARequestIDWorkRunsBefore(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	close(b.of("")) // the handler has no id
	e, _ := processtest.Start(t, "after another context", emulator.Config{Env: []string{"BACKEND=" + b.URL}})
	for _, id := range []string{"1", "2"} {
		if r := b.invoke(t, e, id, "ok", true); string(r.Payload) != `"ok"` {
			t.Errorf("got %s %s, want an answer", r.Payload, r.ErrorType)
		}
	}
	b.wantRequests(t, "", "")
}

func TestAfterResponse_WithoutRespondFirstRunsBefore(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	e, _ := processtest.Start(t, "before", emulator.Config{Env: []string{"BACKEND=" + b.URL}})
	r := b.invoke(t, e, "1", "ok", false)
	b.wantRequests(t, "1")
	if string(r.Payload) != `"ok"` {
		t.Errorf("got %s, want the answer", r.Payload)
	}
}

// The work of a handler that another handler calls runs before it returns. The event belongs to the outer one.
func TestRespondFirst_OnlyTheOuterHandlerWorksAfterTheResponse(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	e, out := processtest.Start(t, "after a nested handler", emulator.Config{Env: []string{"BACKEND=" + b.URL}})
	b.warmUp(t, e)
	for _, id := range []string{"1", "2"} {
		if r := b.invoke(t, e, id, "ok", true); r.ErrorType != "" || r.TimedOutAfter {
			t.Errorf("got %s, and a timeout after the response %v, want an answer", r.ErrorType, r.TimedOutAfter)
		}
	}
	b.wantRequests(t, "1", "2")
	if want := strings.Repeat("inner work\ninner returned\nsecond work\n", 3); out.String() != want {
		t.Errorf("got the output %q, want %q", out, want)
	}
}

func TestRespondFirst_RefusedByLambdaWorkRunsBefore(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	var stderr syncBuffer
	e, _ := processtest.Start(t, "after a refusal", emulator.Config{Env: []string{"BACKEND=" + b.URL}, Stderr: &stderr})
	for _, id := range []string{"1", "2"} {
		if r := b.invoke(t, e, id, "ok", false); string(r.Payload) != `"ok"` {
			t.Errorf("got %s %s, want an answer", r.Payload, r.ErrorType)
		}
	}
	b.wantRequests(t, "1", "2")
	const want = "lambdakit: RespondFirst: Lambda refuses an extension of the function: status 403 Extension.InvalidExtensionState; work of AfterResponse runs before the response\n"
	if n := strings.Count(stderr.String(), want); n != 1 {
		t.Errorf("got %d reports in %q, want one: %q", n, stderr.String(), want)
	}
}

// Lambda would wait for an extension that gets no events.
func TestRespondFirst_WithoutEventsTheProcessExits(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/register"):
			w.Header().Set("Lambda-Extension-Identifier", "id-1")
		case strings.HasSuffix(r.URL.Path, "/extension/event/next"):
			w.WriteHeader(http.StatusInternalServerError)
		default:
			<-r.Context().Done() // no event for the function
		}
	}))
	defer api.Close()
	cmd := processtest.Command(t, "after nothing")
	cmd.Env = append(cmd.Env, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"))
	out, err := cmd.CombinedOutput()
	const want = "lambdakit: RespondFirst: Lambda sends no more events to the extension of the function: status 500; the process exits\n"
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), want) {
		t.Errorf("got %v and the output %q, want the exit status 1 and %q", err, out, want)
	}
}

func TestRespondFirst_EventsWithoutAHandler(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	e, _ := processtest.Start(t, "after a warm-up", emulator.Config{Env: []string{"BACKEND=" + b.URL}})
	for i, how := range []string{"warm", "ok", "warm", "ok"} {
		want := `"` + how + `"`
		if r := b.invoke(t, e, fmt.Sprint(i), how, how == "ok"); string(r.Payload) != want {
			t.Errorf("got %s %s, want %s", r.Payload, r.ErrorType, want)
		}
	}
	b.wantRequests(t, "1", "3")
}

func TestRespondFirst_WorkThatHangsDoesNotTimeOut(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	var stderr syncBuffer
	e, _ := processtest.Start(t, "after", emulator.Config{Env: []string{"BACKEND=" + b.URL}, Timeout: 2 * time.Second, Stderr: &stderr})
	b.warmUp(t, e)
	r := b.invoke(t, e, "1", "hang", true)
	if r.ErrorType != "" || r.TimedOutAfter {
		t.Errorf("got %s, and a timeout after the response %v, want an answer and no timeout", r.ErrorType, r.TimedOutAfter)
	}
	if r := b.invoke(t, e, "2", "ok", true); r.InitDuration != 0 {
		t.Error("got another process, want the same")
	}
	if !strings.Contains(stderr.String(), "left behind") {
		t.Errorf("got the report %q, want one of work that is left behind", stderr.String())
	}
}

func TestRespondFirst_ConcurrentInvocations(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	e, _ := processtest.Start(t, "after", emulator.Config{Env: []string{"BACKEND=" + b.URL}, Concurrency: 8})
	var callers sync.WaitGroup
	for i := range 40 {
		callers.Go(func() {
			if r := b.invoke(t, e, fmt.Sprint(i), "ok", true); r.ErrorType != "" {
				t.Errorf("got %s, want an answer", r.ErrorType)
			}
		})
	}
	callers.Wait()
}

// Frozen environments lose no work, although each is stopped between its invocations.
func TestRespondFirst_FrozenEnvironmentsLoseNoWork(t *testing.T) {
	t.Parallel()
	const environments, each = 8, 40
	b := newBackend(t)
	var all sync.WaitGroup
	for n := range environments {
		e, _ := processtest.Start(t, "after", emulator.Config{Env: []string{"BACKEND=" + b.URL}, Freeze: true})
		all.Go(func() {
			for i := range each {
				if r := b.invoke(t, e, fmt.Sprintf("%d-%d", n, i), "ok", i > 0); r.ErrorType != "" || r.TimedOutAfter {
					t.Errorf("got %s, want an answer", r.ErrorType)
				}
			}
		})
	}
	all.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) != environments*each {
		t.Errorf("got work of %d invocations, want %d", len(b.requests), environments*each)
	}
}

// syncBuffer is a bytes.Buffer for several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
