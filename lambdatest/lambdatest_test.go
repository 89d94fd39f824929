package lambdatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

type greeting struct {
	Name string `json:"name"`
}

func newHandler() lambda.Handler {
	logs := logging.New(nil)
	logger := slog.New(logs)
	return lambdakit.Wrap(func(ctx context.Context, g greeting) (string, error) {
		logger.InfoContext(ctx, "greeting", "name", g.Name)
		switch g.Name {
		case "error":
			return "", errors.New("no greeting")
		case "panic":
			panic(errors.New("ouch"))
		}
		deadline, ok := ctx.Deadline()
		return fmt.Sprint("hello ", g.Name, " ", ok && !deadline.IsZero()), nil
	}, logs.Middleware)
}

func ExampleRun() {
	t := new(testing.T) // the argument of your test

	res := lambdatest.Run(t, newHandler(), greeting{Name: "Ada"})
	fmt.Println(string(res.Response), res.Err)
	fmt.Println(res.Logs[0].Level(), res.Logs[0].Message(), res.Logs[0]["name"], res.Logs[0]["cold_start"])
	// Output:
	// "hello Ada true" <nil>
	// INFO greeting Ada true
}

func TestHarnessIsOneEnvironment(t *testing.T) {
	t.Parallel()
	h := lambdatest.New(t, newHandler(), &lambdatest.Options{FunctionName: "greeter", MemoryMB: 512, TenantID: "acme", TraceHeader: "Root=1-a-b"})
	for i := range 3 {
		res := h.Invoke(`{"name":"x"}`)
		l := res.Logs[0]
		if l["cold_start"] != (i == 0) || l["function_name"] != "greeter" || l["function_memory_size"] != 512.0 || l["tenant_id"] != "acme" ||
			l["xray_trace_id"] != "1-a-b" || l["function_request_id"] != res.RequestID || l["function_version"] != "$LATEST" ||
			l["function_arn"] != "arn:aws:lambda:us-east-1:123456789012:function:greeter" {
			t.Errorf("invocation %d: got %s, want the fields of the harness", i, res.Output)
		}
	}
}

func TestErrorsAndPanics(t *testing.T) {
	t.Parallel()
	h := lambdatest.New(t, newHandler(), &lambdatest.Options{Warm: true})
	res := h.Invoke(greeting{"error"})
	if res.Err == nil || res.Err.Error() != "no greeting" || len(res.Logs) != 2 || res.Logs[1].Level() != "ERROR" || res.Logs[0]["cold_start"] != false {
		t.Errorf("got the error %v and the lines %s, want no greeting and an ERROR line", res.Err, res.Output)
	}
	res = h.Invoke(greeting{"panic"})
	var p *lambdatest.PanicError
	if !errors.As(res.Err, &p) || fmt.Sprint(p.Value) != "ouch" || !bytes.Contains(p.Stack, []byte("newHandler")) || len(res.Logs) != 2 {
		t.Errorf("got the error %v and the lines %s, want a PanicError with ouch and two lines", res.Err, res.Output)
	}
}

func TestAnyKindOfHandler(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]any{
		"handler":  newHandler(),
		"function": func(g greeting) (string, error) { return "hello " + g.Name + " true", nil },
		"stream": lambdakit.WrapStream(func(_ context.Context, g greeting) (io.Reader, error) {
			return strings.NewReader(`"hello ` + g.Name + ` true"`), nil
		}),
	} {
		var got string
		lambdatest.Run(t, handler, json.RawMessage(`{"name":"x"}`)).Decode(&got)
		if got != "hello x true" {
			t.Errorf("%s: got %q, want hello x true", name, got)
		}
	}
}

func TestParallelInvocationsKeepTheirLines(t *testing.T) {
	t.Parallel()
	h := lambdatest.New(t, newHandler(), nil)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			name := fmt.Sprint("n", i)
			res := h.Invoke(greeting{name})
			if len(res.Logs) != 1 || res.Logs[0]["name"] != name || res.Logs[0]["function_request_id"] != res.RequestID {
				t.Errorf("got the lines %s, want one of %s", res.Output, name)
			}
		})
	}
	wg.Wait()
}

func TestFatalInsideAHandler_EndsTheTest(t *testing.T) {
	t.Parallel()
	var inner *testing.T
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine it is called in
		defer close(done)
		inner = new(testing.T)
		fatal := inner.FailNow
		lambdatest.Run(&borrowed{inner, t}, lambdakit.WrapFunc(func(context.Context) { fatal() }), `{}`)
		t.Error("got a return of Run, want the end of the goroutine")
	}()
	<-done
	if !inner.Failed() {
		t.Error("got a test that passed, want a failed one")
	}
}

// borrowed lends a test that was made by hand the context of a real one.
type borrowed struct {
	*testing.T
	real *testing.T
}

func (c *borrowed) Context() context.Context { return c.real.Context() }

func TestOwnWriterGetsTheLinesToo(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) { slog.New(logs).InfoContext(ctx, "m") }, logs.Middleware), `{}`)
	if len(res.Logs) != 1 || !bytes.Equal(b.Bytes(), res.Output) {
		t.Errorf("got %s in the writer and %s in the result, want one line in both", &b, res.Output)
	}
}

type brokenStream struct{ parts int }

func (b *brokenStream) Read(p []byte) (int, error) {
	if b.parts == 0 {
		panic("broken")
	}
	b.parts--
	return copy(p, "first,"), nil
}

func TestStreamThatPanicsHasAnsweredInPart(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, lambdakit.WrapStream(func(context.Context, any) (*brokenStream, error) { return &brokenStream{1}, nil }), `{}`)
	var p *lambdatest.PanicError
	if !errors.As(res.Err, &p) || p.Value != "broken" || string(res.Response) != "first," {
		t.Errorf("got %v and %q, want a PanicError and first,", res.Err, res.Response)
	}
}
