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
	const request = "; INFO HTTP request"
	for _, c := range []struct {
		want string
		fail func() error
	}{
		{"ERROR invocation failed" + request, func() error { return errors.New("no stock") }},
		{"ERROR invocation failed" + request, func() error { return &panickyError{} }},
		{"ERROR invocation panicked" + request, func() error { panic("no stock") }},
		{"ERROR invocation panicked" + request, func() error { panic(&panickyError{}) }},
		{"ERROR invocation panicked" + request, func() error { panic(selfPanic{}) }},
		{"INFO HTTP request; INFO Lambda invocation response", func() error { return nil }},
	} {
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			lambdakit.FromContext(ctx).SetHTTP(lambdakit.HTTPExchange{Method: "GET", Route: "/orders", Status: 500})
			return c.fail()
		}, logs.Middleware), `{}`)
		if got := messages(res); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
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
		printLog(logs, message)
		if got := len(lines(t, b.Bytes())); got != want {
			t.Errorf("%s: got %d lines, want %d", message, got, want)
		}
	}
}

// Each Handler in the invocation follows, also one that joins later.
func TestChanges_ReachEveryHandler(t *testing.T) {
	t.Parallel()
	var b1, b2, b3 bytes.Buffer
	var logs []*logging.Handler
	for _, b := range []*bytes.Buffer{&b1, &b2, &b3} {
		logs = append(logs, logging.New(&logging.Options{Writer: b, Buffer: &logging.Buffer{}}))
	}
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		log := func(level slog.Level, message string, to ...*logging.Handler) {
			for _, h := range to {
				slog.New(h).Log(ctx, level, message)
			}
		}
		logging.Append(ctx, "a", 1, "b", 1)
		logging.SetCorrelationID(ctx, "c-1")
		log(slog.LevelInfo, "appended", logs[:2]...)
		logging.Append(ctx, "b", 2)
		logging.Remove(ctx, "a")
		logging.SetCorrelationID(ctx, "c-2")
		log(slog.LevelInfo, "removed", logs...)
		log(slog.LevelDebug, "held", logs...)
		logging.Flush(ctx)
		logging.SetCorrelationID(ctx, "")
		log(slog.LevelInfo, "none", logs...)
	}, logs[0].Middleware, logs[1].Middleware), `{}`)
	for i, b := range []*bytes.Buffer{&b1, &b2, &b3} {
		m := lines(t, b.Bytes())
		if i < 2 {
			wantFields(t, m[0], "message", "appended", "a", 1, "b", 1, "correlation_id", "c-1")
			m = m[1:]
		}
		if len(m) != 3 {
			t.Fatalf("Handler %d: got %s, want three lines after Remove", i, b)
		}
		for j, want := range [][]any{{"message", "removed", "correlation_id", "c-2"}, {"message", "held", "correlation_id", "c-2"}, {"message", "none", "correlation_id", nil}} {
			wantFields(t, m[j], append(want, "a", nil, "b", 2)...)
		}
	}
}

// The texts of a panic have a quarter of a line each.
func TestPanic_ItsTextsAreCut(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1000: strings.Repeat("x", 1000), 1001: strings.Repeat("x", 1000) + "...[cut]"} {
		res := run(t, &logging.Options{MaxLineBytes: 4000}, `{}`, func(context.Context, *slog.Logger) error { panic(strings.Repeat("x", n)) })
		e, _ := res.Logs[0]["error"].(map[string]any)
		stack, _ := e["stack"].(string)
		if e["message"] != want || e["type"] != "string" || !strings.HasSuffix(stack, "...[cut]") || len(stack) != 1000+len("...[cut]") {
			t.Errorf("a message of %d bytes: got %v, want it and the stack in 1,000 bytes", n, e)
		}
	}
}

// selfPanic is an error whose text cannot be asked for in any way.
type selfPanic struct{}

func (s selfPanic) Error() string                { panic(s) }
func (s selfPanic) MarshalJSON() ([]byte, error) { panic(s) }

func TestValues_ReasonsThatPanicAreLeftOut(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	l.Info("m", "a", selfPanic{}, "list", []any{selfPanic{}, 1}, "after", 1)
	if got, want := body(t, b), `{"a":"!PANIC","list":["!PANIC",1],"after":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
