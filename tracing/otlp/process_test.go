package otlp_test

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// functions run in processes of their own.
var functions = map[string]func(){
	"after":    func() { start(&tracing.Options{Exporter: otlp.New(nil)}, lambdakit.RespondFirst) },
	"before":   func() { start(&tracing.Options{Exporter: otlp.New(nil)}) },
	"provider": func() { start(&tracing.Options{TracerProvider: flushing{}}, lambdakit.RespondFirst) },
}

func start(o *tracing.Options, mw ...lambdakit.Middleware) {
	runtime.Start(lambdakit.Wrap(func(ctx context.Context, _ any) (string, error) {
		tracing.Run(ctx, "step", func(context.Context) error { return nil })
		return "ok", nil
	}, append(mw, tracing.New(o).Middleware)...))
}

// flushing is a provider whose flush is a request.
type flushing struct{ noop.TracerProvider }

func (flushing) ForceFlush(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, "POST", os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), nil)
	if err != nil {
		return err
	}
	_, err = http.DefaultClient.Do(req)
	return err
}

// With RespondFirst, the caller has the response before the backend answers.
func TestFlush_AfterTheResponse(t *testing.T) {
	t.Parallel()
	for _, function := range []string{"after", "provider"} {
		t.Run(function, func(t *testing.T) {
			t.Parallel()
			b := otlptest.Listen(t)
			answered := make(chan struct{})
			came := make(chan struct{}, 8)
			b.Answer(func(http.ResponseWriter, *http.Request) {
				came <- struct{}{}
				<-answered
			})
			e, _ := processtest.Start(t, function, emulator.Config{Env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + b.URL}})
			if r := processtest.Invoke(t, e, `{}`); string(r.Payload) != `"ok"` {
				t.Errorf("got %s %s, want the answer", r.Payload, r.ErrorMessage)
			}
			select {
			case <-came:
			case <-time.After(30 * time.Second):
				t.Error("got no flush after the response")
			}
			close(answered)
			b.Answer(nil)
			processtest.Invoke(t, e, `{}`) // it begins when the first flush is done
		})
	}
}

func TestFlush_BeforeTheResponseWithoutRespondFirst(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	e, _ := processtest.Start(t, "before", emulator.Config{Env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + b.URL}})
	processtest.Invoke(t, e, `{}`)
	if len(b.Spans()) != 2 {
		t.Errorf("got %d spans when the response came, want 2", len(b.Spans()))
	}
}

func TestFlush_EightInvocationsAtATime(t *testing.T) {
	t.Parallel()
	b := otlptest.Listen(t)
	e, _ := processtest.Start(t, "after", emulator.Config{Env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + b.URL}, Concurrency: 8})
	done := make(chan struct{})
	for range 40 {
		go func() {
			processtest.Invoke(t, e, `{}`)
			done <- struct{}{}
		}()
	}
	for range 40 {
		<-done
	}
	for deadline := time.Now().Add(30 * time.Second); len(b.Spans()) < 80 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	if len(b.Spans()) != 80 {
		t.Errorf("got %d spans, want 80", len(b.Spans()))
	}
}
