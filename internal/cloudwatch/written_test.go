package cloudwatch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/cloudwatch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// writer collects the fields and the messages of lines.
type writer struct{ fields, messages map[string]bool }

func (w *writer) add(res *lambdatest.Result) {
	for _, line := range res.Logs {
		w.messages[line.Level()+" "+line.Message()] = true
		for name, value := range line {
			w.fields[name] = true
			if members, ok := value.(map[string]any); ok && name == "error" {
				for member := range members {
					w.fields[name+"."+member] = true
				}
			}
		}
	}
}

// TestFunctions_WriteTheDocumentedFields runs functions that log, fail, panic, time out and handle
// requests and records.
func TestFunctions_WriteTheDocumentedFields(t *testing.T) {
	w := &writer{make(map[string]bool), make(map[string]bool)}
	sample := 1.0
	options := &logging.Options{Service: "shop", AddSource: true, SampleRate: &sample, LogRequest: true, LogResponse: true, LogEvent: new(bool), Writer: io.Discard, FromContext: idempotency.LogAttrs, MaxLineBytes: 2_000}
	*options.LogEvent = true
	logs := logging.New(options)
	l := slog.New(logs)
	once, err := idempotency.New(idempotency.NewMemoryStore(nil), &idempotency.Options{Prefix: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	own := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context, do string) error {
		logging.SetCorrelationID(ctx, "c-1")
		for range 2 {
			idempotency.Run(ctx, once, "key", func(ctx context.Context) error { l.InfoContext(ctx, "guarded"); return nil })
		}
		long := make([]slog.Attr, 200)
		for i := range long {
			long[i] = slog.String(fmt.Sprint("long", i), "a value of some length")
		}
		l.LogAttrs(ctx, slog.LevelInfo, "long", slog.GroupAttrs("own", long...), slog.Any("own_list", long))
		switch do {
		case "fail":
			return errors.Join(fmt.Errorf("outer: %w", &http.MaxBytesError{Limit: 1}), errors.New("inner"))
		case "wrap":
			return &lambdakit.EventError{}
		case "panic":
			panic("ouch")
		}
		return nil
	}, logs.Middleware), &lambdatest.Options{TenantID: "t-1"})
	for _, event := range []string{`"log"`, `"fail"`, `"panic"`} {
		w.add(own.Invoke([]byte(event)))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(http.ResponseWriter, *http.Request) {})
	_, res := lambdatest.New(t, httpapi.Wrap(mux, logs.Middleware), nil).Request(httptest.NewRequest("GET", "/orders/o-1", nil), httpapi.HTTPAPI)
	w.add(res)
	w.add(lambdatest.Run(t, lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[string]) error { return errors.New("no") }, &batch.Options{Decoder: batch.Text}), logs.Middleware), lambdatest.SQS("orders", "a")))
	synctest.Test(t, func(t *testing.T) {
		w.add(lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) { time.Sleep(time.Minute) }, logs.Middleware), &lambdatest.Options{Timeout: 10 * time.Second}).Invoke("x"))
	})

	for _, name := range slices.Sorted(maps.Keys(w.fields)) {
		if !slices.ContainsFunc(cloudwatch.Fields, func(f cloudwatch.Field) bool { return f.Name == name }) && name != "own" && name != "own_list" {
			t.Errorf("got the field %s, want it documented", name)
		}
	}
	for _, want := range []string{
		"level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size", "function_name", "function_version",
		"function_request_id", "xray_trace_id", "tenant_id", "correlation_id", "sampling_rate", "source", "message_id", "attempt",
		"error", "error.message", "error.type", "error.stack", "error.causes", "remaining_ms", "goroutine_count", "goroutines", "event", "response",
		"http_method", "http_route", "http_status", "duration_ms", "log_bytes", "idempotency_key",
	} {
		if !w.fields[want] {
			t.Errorf("got no line with the field %s", want)
		}
	}
	for _, want := range []string{
		"ERROR invocation failed", "ERROR invocation panicked", "ERROR invocation is about to time out", "ERROR record failed", "INFO HTTP request",
		"ERROR goroutines of the invocation that is about to time out", "INFO Lambda invocation event", "INFO Lambda invocation response",
	} {
		if !w.messages[want] {
			t.Errorf("got no line %q; got %q", want, slices.Sorted(maps.Keys(w.messages)))
		}
	}
}
