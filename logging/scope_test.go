package logging_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// Tee gets the lines of the toolkit, too, by its own level.
func TestTee_GetsTheLinesOfTheToolkit(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{slog.LevelInfo: "Lambda invocation event, invocation failed", slog.LevelError: "invocation failed", 20: ""} {
		for _, own := range []slog.Level{slog.LevelInfo, logging.LevelFatal} {
			var other bytes.Buffer
			tee := slog.NewJSONHandler(&other, &slog.HandlerOptions{Level: level})
			logs := logging.New(&logging.Options{Tee: tee, Level: own, LogEvent: new(true)})
			res := lambdatest.Run(t, lambdakit.WrapFunc(func() error { return errors.New("no stock") }, logs.Middleware), `{}`)
			var got []string
			for _, m := range lines(t, other.Bytes()) {
				got = append(got, m["msg"].(string))
			}
			if s := strings.Join(got, ", "); s != want {
				t.Errorf("Tee at %v, Handler at %v: got %q, want %q", level, own, s, want)
			}
			if n := map[slog.Level]int{slog.LevelInfo: 2, logging.LevelFatal: 0}[own]; len(res.Logs) != n {
				t.Errorf("Tee at %v, Handler at %v: got %s, want %d lines", level, own, res.Output, n)
			}
		}
	}
}

func TestLogRequest_FailedRequestsHaveTheLine(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{LogRequest: true, LogResponse: true})
	for name, fail := range map[string]func() error{
		"ERROR invocation failed; INFO HTTP request":         func() error { return errors.New("no stock") },
		"ERROR invocation panicked; INFO HTTP request":       func() error { panic("no stock") },
		"INFO HTTP request; INFO Lambda invocation response": func() error { return nil },
	} {
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			lambdakit.FromContext(ctx).SetHTTP(lambdakit.HTTPExchange{Method: "GET", Route: "/orders", Status: 500})
			return fail()
		}, logs.Middleware), `{}`)
		if got := messages(res); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
}

// A panic ends the invocation, whatever Fail was given before: aws-lambda-go prints the panic alone.
func TestPanic_AfterFailIsAwaitedAlone(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		lambdakit.FromContext(ctx).Fail(errors.New("no stock"))
		panic("ouch")
	}, logs.Middleware), `{}`)
	if got, want := messages(res), "ERROR invocation panicked; ERROR invocation failed"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	for message, want := range map[string]int{`{"errorMessage":"ouch","errorType":"string"}`: 0, `{"errorMessage":"no stock","errorType":"errorString"}`: 1} {
		b.Reset()
		slog.New(logs).Info(message)
		if got := len(lines(t, b.Bytes())); got != want {
			t.Errorf("%s: got %d lines, want %d", message, got, want)
		}
	}
}
