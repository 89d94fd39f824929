package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
)

// functions are the programs that the tests run as Lambda functions. "any" does as the event says.
var functions = map[string]func(){
	"any": func() { lambda.Start(handle) },
	"exit": func() {
		fmt.Fprint(os.Stderr, strings.Repeat("x", 20<<10), "the end\n")
		os.Exit(3)
	},
	"hang": hang,
	"leave a child": func() {
		os.Setenv("LAMBDAKIT_TEST_FUNCTION", "hang")
		child := exec.Command(os.Args[0])
		up, _ := child.StdoutPipe()
		child.Start()
		up.Read(make([]byte, 1))
		os.Exit(3)
	},
	"sigterm": func() {
		lambda.StartWithOptions(handle, lambda.WithEnableSIGTERM(func() { fmt.Print("told to end"); os.Exit(0) }))
	},
	"kit": func() { lambda.Start(lambdakit.Wrap(answerFailure)) },
	"kit stream": func() {
		lambda.Start(lambdakit.WrapStream(func(ctx context.Context, text string) (io.Reader, error) {
			lambdakit.FromContext(ctx).Fail(errors.New(text))
			return strings.NewReader("page"), nil
		}))
	},
}

func TestMain(m *testing.M) {
	if processtest.Run(functions) {
		return
	}
	os.Exit(m.Run())
}

// hang connects to the test, if it listens, and waits for its own end.
func hang() {
	if address := os.Getenv("TEST_ADDRESS"); address != "" {
		conn, err := net.Dial("tcp", address)
		defer runtime.KeepAlive(conn)
		if err != nil {
			panic(err)
		}
	}
	fmt.Println("up")
	// select {} would be a deadlock, and end the process, on systems without signals.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	listener.Accept()
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
	case "read":
		text, err := io.ReadAll(os.Stdin)
		return string(text), err
	case "read and exit":
		io.Copy(io.Discard, os.Stdin)
		os.Exit(4)
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

func start(t *testing.T, function string, cfg emulator.Config) *emulator.Emulator {
	t.Helper()
	e, err := emulator.Start(t.Context(), processtest.Config(t, function, cfg))
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
