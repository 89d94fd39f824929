package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
)

// The tests' function is this test binary, started with LAMBDAKIT_TEST_FUNCTION. It does as the
// event says.
func TestMain(m *testing.M) {
	switch os.Getenv("LAMBDAKIT_TEST_FUNCTION") {
	case "":
		os.Exit(m.Run())
	case "exit":
		fmt.Fprint(os.Stderr, strings.Repeat("x", 20<<10), "the end\n")
		os.Exit(3)
	case "hang":
		select {}
	case "sigterm":
		lambda.StartWithOptions(handle, lambda.WithEnableSIGTERM(func() { fmt.Print("told to end"); os.Exit(0) }))
	case "kit":
		lambda.Start(lambdakit.Wrap(answerFailure))
	case "kit stream":
		lambda.Start(lambdakit.WrapStream(func(ctx context.Context, text string) (io.Reader, error) {
			lambdakit.FromContext(ctx).Fail(errors.New(text))
			return strings.NewReader("page"), nil
		}))
	}
	lambda.Start(handle)
}

type event struct {
	Do, Text string
	N        int
}

func handle(ctx context.Context, e event) (any, error) {
	switch e.Do {
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(strings.Repeat(e.Text, max(e.N, 1)))
	case "exit":
		fmt.Print("leaving")
		os.Exit(4)
	case "sleep":
		fmt.Print("sleeping")
		time.Sleep(time.Duration(e.N) * time.Millisecond)
	case "print":
		fmt.Print(e.Text)
		fmt.Fprint(os.Stderr, e.Text)
	case "env":
		return os.Getenv(e.Text), nil
	case "environ":
		return os.Environ(), nil
	case "directory":
		return os.Getwd()
	case "response": // of N bytes
		return json.RawMessage(`"` + strings.Repeat("x", e.N-2) + `"`), nil
	case "stream": // of N bytes
		return strings.NewReader(strings.Repeat("x", e.N)), nil
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		return map[string]any{"tenant": lc.TenantID, "client": lc.ClientContext.Custom}, nil
	}
	return e.Text, nil
}

type namedError struct{ text string }

func (e *namedError) Error() string { return e.text }

type panickingError struct{}

func (panickingError) Error() string { panic("in Error") }

func answerFailure(ctx context.Context, e event) (string, error) {
	inv := lambdakit.FromContext(ctx)
	switch e.Do {
	case "fail":
		inv.Fail(&namedError{strings.Repeat(e.Text, max(e.N, 1))})
		inv.Fail(errors.New("a later one"))
	case "fail and return":
		inv.Fail(errors.New("marked"))
		return "", &namedError{e.Text}
	case "fail and panic":
		inv.Fail(errors.New("marked"))
		panic(e.Text)
	case "fail with a panic in Error":
		inv.Fail(panickingError{})
	}
	return "answered", nil
}

// output collects a function's output, and lets a test wait for a text in it.
type output struct {
	mu   sync.Mutex
	cond sync.Cond
	b    bytes.Buffer
}

func newOutput() *output {
	o := new(output)
	o.cond.L = &o.mu
	return o
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cond.Broadcast()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (o *output) waitFor(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !strings.Contains(o.b.String(), text) {
		o.cond.Wait()
	}
}

// config returns the configuration of a function of TestMain.
func config(t *testing.T, function string, cfg emulator.Config) emulator.Config {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Command = []string{exe}
	cfg.Env = append(cfg.Env, "LAMBDAKIT_TEST_FUNCTION="+function)
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.InitTimeout == 0 {
		cfg.InitTimeout = time.Minute
	}
	return cfg
}

func start(t *testing.T, function string, cfg emulator.Config) *emulator.Emulator {
	t.Helper()
	e, err := emulator.Start(t.Context(), config(t, function, cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func invoke(t *testing.T, e *emulator.Emulator, ev event) *emulator.Result {
	t.Helper()
	payload, err := json.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
