package lambdakit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

func TestMain(m *testing.M) {
	if processtest.Run(functions) {
		return
	}
	os.Exit(m.Run())
}

// functions are the programs that the tests below run as Lambda functions. The test binary starts
// itself with the name of one of them in an environment variable.
var functions = map[string]func(){
	"outcomes": func() {
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, what string) (string, error) {
			switch what {
			case "error":
				return "", &customError{}
			case "panic":
				panicHere("ouch")
			case "panic error":
				panic(&customError{})
			case "goexit":
				runtime.Goexit()
			}
			inv := lambdakit.FromContext(ctx)
			return fmt.Sprintf("%s cold=%v %s", what, inv.ColdStart(), inv.FunctionName()), nil
		}, onEnd(func(inv *lambdakit.Invocation) {
			fmt.Printf("end err=%v panic=%v\n", inv.Err(), inv.Panic() != nil)
		})))
	},
	"timeout": func() {
		lambda.Start(lambdakit.WrapFunc(func(ctx context.Context) { select {} },
			onDeadline(func(*lambdakit.Invocation) { fmt.Println("near deadline") })))
	},
	"idle at shutdown": idleAtShutdown,
	"sigterm": func() {
		lambda.StartWithOptions(lambdakit.WrapFunc(func(ctx context.Context) { fmt.Println("running"); select {} },
			onDeadline(func(inv *lambdakit.Invocation) { fmt.Println("shutdown", inv.ShuttingDown()) })),
			lambda.WithEnableSIGTERM(lambdakit.Shutdown, func() { os.Exit(0) }))
	},
	"stream": func() {
		lambda.Start(lambdakit.WrapStream(func(_ context.Context, what string) (io.Reader, error) {
			switch what {
			case "panic":
				return io.MultiReader(strings.NewReader("part"), panickingReader{}), nil
			case "error":
				return io.MultiReader(strings.NewReader("part"), &failingReader{}), nil
			}
			r, w := io.Pipe()
			go func() {
				io.WriteString(w, "first")
				os.Stdin.Read(make([]byte, 1)) // until the test has seen the first part
				io.WriteString(w, " last")
				w.Close()
			}()
			return &page{Reader: r}, nil
		}, onEnd(func(inv *lambdakit.Invocation) { fmt.Printf("end err=%v panic=%v\n", inv.Err(), inv.Panic() != nil) })))
	},
	"concurrent": func() {
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, n int) (map[string]any, error) {
			inv := lambdakit.FromContext(ctx)
			lc, _ := lambdacontext.FromContext(ctx)
			runtime.Gosched()
			if lambdakit.Current() != nil {
				return nil, errors.New("an invocation is current")
			}
			return map[string]any{"n": n, "id": inv.RequestID(), "same": inv.RequestID() == lc.AwsRequestID, "trace": inv.TraceHeader()}, nil
		}, onDeadline(func(*lambdakit.Invocation) {})))
	},
}

type customError struct{}

func (*customError) Error() string { return "custom" }

type failingReader struct{}

func (*failingReader) Read([]byte) (int, error) { return 0, &customError{} }

func TestOutcomesInAProcess(t *testing.T) {
	t.Parallel()
	stderr := processtest.NewOutput()
	e, out := processtest.Start(t, "outcomes", emulator.Config{FunctionName: "fn", Stderr: stderr})
	if r := processtest.Invoke(t, e, `"hello"`); string(r.Payload) != `"hello cold=true fn"` || r.InitDuration == 0 {
		t.Errorf("got %+v, want a cold start", r)
	}
	if r := processtest.Invoke(t, e, `"again"`); string(r.Payload) != `"again cold=false fn"` || r.InitDuration != 0 {
		t.Errorf("got %+v, want a warm start", r)
	}
	if r := processtest.Invoke(t, e, `"error"`); r.ErrorType != "customError" || r.ErrorMessage != "custom" {
		t.Errorf("got %+v, want customError: custom", r)
	}
	if r := processtest.Invoke(t, e, `12`); r.ErrorType != "EventError" {
		t.Errorf("got %+v, want an EventError", r)
	}

	r := processtest.Invoke(t, e, `"panic"`)
	if r.ErrorType != "string" || r.ErrorMessage != "ouch" || !strings.Contains(string(r.Payload), `"label":"panicHere"`) {
		t.Errorf("got %+v and %s, want the panic with its frames", r, r.Payload)
	}
	if r := processtest.Invoke(t, e, `"hello"`); string(r.Payload) != `"hello cold=true fn"` {
		t.Errorf("got %s after a panic, want a cold start", r.Payload)
	}
	if r := processtest.Invoke(t, e, `"panic error"`); r.ErrorType != "customError" {
		t.Errorf("got %+v for a panic with an error, want customError", r)
	}
	if r := processtest.Invoke(t, e, `"goexit"`); r.ErrorType != emulator.ErrorExit {
		t.Errorf("got %+v, want the exit of the process", r)
	}
	e.Close()
	for _, want := range []string{"end err=custom panic=false", "end err=<nil> panic=true", "end err=" + lambdakit.ErrGoexit.Error()} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got this output, want %q in it:\n%s", want, out)
		}
	}
	if want := lambdakit.ErrGoexit.Error() + " and cannot answer; the process exits\n"; !strings.Contains(stderr.String(), want) {
		t.Errorf("got this standard error, want %q in it:\n%s", want, stderr)
	}
}

func TestTimeout_HookRunsBeforeTheKill(t *testing.T) {
	t.Parallel()
	e, out := processtest.Start(t, "timeout", emulator.Config{Timeout: 3 * time.Second})
	if r := processtest.Invoke(t, e, `{}`); r.ErrorType != emulator.ErrorTimeout {
		t.Errorf("got %+v, want a timeout", r)
	}
	if got := out.String(); got != "near deadline\n" {
		t.Errorf("got the output %q, want near deadline", got)
	}
}

func TestShutdownOnSIGTERM(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	e, out := processtest.Start(t, "sigterm", emulator.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { e.Invoke(ctx, emulator.Event{Payload: []byte(`{}`)}) })
	out.WaitFor("running", 1)
	cancel()
	wg.Wait()
	e.Close()
	if got := out.String(); got != "running\nshutdown true\n" {
		t.Errorf("got the output %q, want running and shutdown true", got)
	}
}

// first is closed when the first bytes arrive.
type first struct {
	once sync.Once
	seen chan []byte
}

func (f *first) Write(p []byte) (int, error) {
	f.once.Do(func() { f.seen <- bytes.Clone(p) })
	return len(p), nil
}

func TestStreamFlowsInAProcess(t *testing.T) {
	t.Parallel()
	stdin, release, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	e, out := processtest.Start(t, "stream", emulator.Config{Stdin: stdin})
	f := &first{seen: make(chan []byte, 1)}
	var r *emulator.Result
	var wg sync.WaitGroup
	wg.Go(func() { r, err = e.Invoke(t.Context(), emulator.Event{Payload: []byte(`""`), Stream: f}) })
	if got := string(<-f.seen); got != "first" {
		t.Errorf("got the first bytes %q, want first", got)
	}
	release.Close() // lets the function produce the rest
	wg.Wait()
	if err != nil || string(r.Payload) != "first last" || r.ContentType != "text/html" {
		t.Errorf("got %+v and %v, want first last as text/html", r, err)
	}
	if r := processtest.Invoke(t, e, `"error"`); string(r.Payload) != "part" || r.ErrorType != "customError" || r.ErrorMessage != "custom" {
		t.Errorf("got %+v, want part and customError", r)
	}
	if r := processtest.Invoke(t, e, `"panic"`); r.ErrorType != "errorString" || r.ErrorMessage != "in Read" {
		t.Errorf("got %+v, want errorString: in Read", r)
	}
	out.WaitFor("end err=<nil> panic=true", 1)
	if r := processtest.Invoke(t, e, `"error"`); r.InitDuration == 0 {
		t.Error("got a warm start after a panic in Read, want a cold start")
	}
}

func TestConcurrentInvocationsDoNotMix(t *testing.T) {
	t.Parallel()
	e, _ := processtest.Start(t, "concurrent", emulator.Config{Concurrency: 8})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 100 {
				n := worker*1000 + i
				r, err := e.Invoke(t.Context(), emulator.Event{Payload: fmt.Append(nil, n), TraceHeader: fmt.Sprintf("Root=%d", n)})
				var got struct {
					N     int
					ID    string
					Same  bool
					Trace string
				}
				if err = errors.Join(err, json.Unmarshal(r.Payload, &got)); err != nil {
					t.Error(err)
					return
				}
				if got.N != n || got.ID != r.RequestID || !got.Same || got.Trace != fmt.Sprintf("Root=%d", n) {
					t.Errorf("got %+v, want n %d and the request id %s", got, n, r.RequestID)
				}
			}
		})
	}
	wg.Wait()
}
