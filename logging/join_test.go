package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func TestJoin_AHandlerWithoutMiddlewareHasTheFields(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(&logging.Options{Service: "orders", CorrelationID: logging.EventBridge}))
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		l.InfoContext(ctx, "one")
		logging.Append(ctx, "a", 1)
		l.InfoContext(ctx, "two")
		return errors.New("failed")
	}), `{"id":"e-1"}`)
	if got, want := messages(res), "INFO one; INFO two"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	for _, line := range res.Logs {
		wantFields(t, line, "service", "orders", "function_request_id", res.RequestID, "correlation_id", "e-1")
	}
	wantFields(t, res.Logs[1], "a", 1.0)
}

func TestJoin_ALateHandlerHasEarlierFields(t *testing.T) {
	t.Parallel()
	replace := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "old" {
			a.Key = "new"
		}
		return a
	}
	for _, withMiddleware := range []bool{false, true} {
		plain := slog.New(logging.New(nil))
		other := slog.New(logging.New(&logging.Options{Redact: []string{"password"}, ReplaceAttr: replace}))
		var m []lambdakit.Middleware
		if withMiddleware {
			m = append(m, logging.New(nil).Middleware)
		}
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			logging.Append(ctx, "a", 1, "password", "hunter2", "old", "o", "level", "mine", "list", []int{1, 2}, "gone", true)
			logging.Remove(ctx, "gone")
			logging.SetCorrelationID(ctx, "c-1")
			plain.InfoContext(ctx, "plain")
			other.InfoContext(ctx, "other")
		}, m...), `{}`)
		if len(res.Logs) != 2 {
			t.Fatalf("got %s, want two lines", res.Output)
		}
		for i, want := range [][]any{{"password", "hunter2", "old", "o"}, {"password", "[redacted]", "new", "o"}} {
			wantFields(t, res.Logs[i], want...)
			wantFields(t, res.Logs[i], "a", 1.0, "attr_level", "mine", "list", "[1 2]", "gone", nil, "correlation_id", "c-1", "function_request_id", res.RequestID)
		}
	}
}

func TestJoin_AHandlerWithSourceRenamesEarlierFields(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(&logging.Options{AddSource: true}))
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, "source", "mine")
		l.InfoContext(ctx, "m")
	}), `{}`)
	m := lines(t, res.Output)[0] // without duplicates
	if _, ok := m["source"].(map[string]any); !ok || m["attr_source"] != "mine" {
		t.Errorf("got %s, want the source of the line and attr_source", res.Output)
	}
}

func TestJoin_AnEarlierCorrelationIDStays(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(&logging.Options{CorrelationID: logging.EventBridge}))
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.SetCorrelationID(ctx, "c-1")
		l.InfoContext(ctx, "m")
	}), `{"id":"e-1"}`)
	wantFields(t, res.Logs[0], "correlation_id", "c-1")
}

func TestJoin_AppendBeforeTheMiddleware(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{CorrelationID: logging.EventBridge})
	before := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			logging.Append(ctx, "a", 1)
			slog.New(logs).InfoContext(ctx, "before")
			return next(ctx, inv)
		}
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		slog.New(logs).InfoContext(ctx, "inside")
		return errors.New("failed")
	}, before, logs.Middleware), `{"id":"e-1"}`)
	if got, want := messages(res), "INFO before; INFO inside; ERROR invocation failed"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	for _, line := range res.Logs {
		wantFields(t, line, "a", 1.0, "correlation_id", "e-1")
	}
}

func TestJoin_OneFailureLineByTheFirstMiddleware(t *testing.T) {
	t.Parallel()
	var b1, b2 bytes.Buffer
	one, two := logging.New(&logging.Options{Writer: &b1}), logging.New(&logging.Options{Writer: &b2, Buffer: &logging.Buffer{}})
	for outcome, f := range map[string]func() error{
		"invocation failed":   func() error { return errors.New("failed") },
		"invocation panicked": func() error { panic("ouch") },
	} {
		b1.Reset()
		b2.Reset()
		lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			slog.New(two).DebugContext(ctx, "held")
			return f()
		}, one.Middleware, two.Middleware, one.Middleware), `{}`)
		if m := lines(t, b1.Bytes()); len(m) != 1 || m[0]["message"] != outcome {
			t.Errorf("first Handler: got %s, want %q once", &b1, outcome)
		}
		if m := lines(t, b2.Bytes()); len(m) != 1 || m[0]["message"] != "held" {
			t.Errorf("second Handler: got %s, want the line that was held", &b2)
		}
	}
}

func TestJoin_EachMiddlewareLogsTheEvent(t *testing.T) {
	t.Parallel()
	var b1, b2 bytes.Buffer
	one, two := logging.New(&logging.Options{Writer: &b1, LogEvent: new(true)}), logging.New(&logging.Options{Writer: &b2, LogEvent: new(true)})
	lambdatest.Run(t, lambdakit.WrapFunc(func() {}, one.Middleware, two.Middleware, one.Middleware), `{}`)
	for name, b := range map[string]*bytes.Buffer{"first": &b1, "second": &b2} {
		if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["message"] != "Lambda invocation event" {
			t.Errorf("%s Handler: got %s, want the event once", name, b)
		}
	}
}

func TestJoin_BufferedLinesWithoutMiddleware(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{{nil, ""}, {errors.New("failed"), "DEBUG held"}} {
		l := slog.New(logging.New(&logging.Options{Buffer: &logging.Buffer{}}))
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			l.DebugContext(ctx, "held")
			return c.err
		}), `{}`)
		if got := messages(res); got != c.want {
			t.Errorf("%v: got %q, want %q", c.err, got, c.want)
		}
	}
}

func TestJoin_AfterTheEnd(t *testing.T) {
	t.Parallel()
	var kept context.Context
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, "a", 1)
		kept = ctx
	}), `{}`)
	var b bytes.Buffer
	l := slog.New(logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}}))
	l.DebugContext(kept, "below the level")
	l.InfoContext(kept, "after the end")
	m := lines(t, b.Bytes())
	if len(m) != 1 {
		t.Fatalf("got %s, want one line", &b)
	}
	wantFields(t, m[0], "message", "after the end", "a", 1.0, "function_request_id", res.RequestID)
}

func TestJoin_ManyHandlers(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, "a", 1)
		for i := range 100 {
			slog.New(logging.New(nil)).InfoContext(ctx, fmt.Sprint(i))
		}
	}), `{}`)
	if len(res.Logs) != 100 {
		t.Fatalf("got %d lines, want 100", len(res.Logs))
	}
	for _, line := range res.Logs {
		wantFields(t, line, "a", 1.0, "function_request_id", res.RequestID)
	}
}

// The invocation does not know so many Handlers, so it could not release what they hold.
func TestJoin_ManyHandlersLoseNoHeldLine(t *testing.T) {
	t.Parallel()
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		for i := range 100 {
			slog.New(logging.New(&logging.Options{Buffer: &logging.Buffer{Level: slog.LevelInfo}})).InfoContext(ctx, fmt.Sprint(i))
		}
		return errors.New("failed")
	}), `{}`)
	if len(res.Logs) != 100 {
		t.Errorf("got %d lines, want 100", len(res.Logs))
	}
}

func TestJoin_ACorrelationFunctionThatLogs(t *testing.T) {
	t.Parallel()
	var l *slog.Logger
	var invocation context.Context
	logs := logging.New(&logging.Options{CorrelationID: func([]byte) string {
		l.InfoContext(invocation, "looking")
		return "c-1"
	}})
	l = slog.New(logs)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		invocation = ctx
		l.InfoContext(ctx, "m")
	}), `{}`)
	if got, want := messages(res), "INFO looking; INFO m"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	wantFields(t, res.Logs[1], "correlation_id", "c-1")
}

func TestJoin_ConcurrentJoinsAndChanges(t *testing.T) {
	t.Parallel()
	for range 20 {
		var outputs [8]bytes.Buffer
		lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			logging.Append(ctx, "before", 1)
			var loggers [8]*slog.Logger
			var wg sync.WaitGroup
			for i := range loggers {
				o := &logging.Options{Writer: &outputs[i]}
				if i%2 == 0 {
					o.Redact = []string{"password"}
				}
				loggers[i] = slog.New(logging.New(o))
				wg.Go(func() { loggers[i].InfoContext(ctx, "first") })
				wg.Go(func() { logging.Append(ctx, fmt.Sprint("n", i), i) })
				wg.Go(func() { logging.SetCorrelationID(ctx, "c-1") })
			}
			wg.Wait()
			for _, l := range loggers {
				l.InfoContext(ctx, "second")
			}
		}), `{}`)
		for i := range outputs {
			m := lines(t, outputs[i].Bytes())
			wantFields(t, m[0], "before", 1.0)
			for n := range outputs {
				wantFields(t, m[1], fmt.Sprint("n", n), float64(n), "correlation_id", "c-1")
			}
		}
	}
}

// Each subtest calls slog.SetDefault, so the default logger is often another subtest's.
func TestJoin_ParallelSubtestsLoseNoLine(t *testing.T) {
	old, output, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(old)
		log.SetOutput(output)
		log.SetFlags(flags)
	})
	t.Run("group", func(t *testing.T) {
		for i := range 50 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				logs := logging.New(nil)
				slog.SetDefault(slog.New(logs))
				res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
					logging.Append(ctx, "i", i)
					slog.InfoContext(ctx, "m")
				}, logs.Middleware), `{}`)
				if len(res.Logs) != 1 {
					t.Fatalf("got %d lines, want 1", len(res.Logs))
				}
				wantFields(t, res.Logs[0], "i", float64(i), "function_request_id", res.RequestID)
			})
		}
	})
}

func TestJoin_FailureIsNotRepeatedByTheDefaultHandler(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	one, two := logging.New(&logging.Options{Writer: io.Discard}), logging.New(&logging.Options{Writer: &b})
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		slog.New(two).InfoContext(ctx, "m")
		return errors.New("failed")
	}, one.Middleware), `{}`)
	printLog(two, `{"errorMessage":"failed","errorType":"errorString"}`)
	if got := b.String(); strings.Contains(got, "failed") {
		t.Errorf("got %s, want no second line about the failure", got)
	}
}

func TestJoin_AnInvocationInsideAnother(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(nil))
	inner := lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, "inner", 1)
		l.InfoContext(ctx, "inner")
	}, logging.New(nil).Middleware)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, "outer", 1)
		inner.Invoke(ctx, []byte(`{}`))
		l.InfoContext(ctx, "outer")
	}, logging.New(nil).Middleware), `{}`)
	if got, want := messages(res), "INFO inner; INFO outer"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	wantFields(t, res.Logs[0], "inner", 1.0, "outer", nil)
	wantFields(t, res.Logs[1], "inner", nil, "outer", 1.0)
}

// An invocation that starts in the handler of a record has the fields of the record.
func TestJoin_AnInvocationInsideARecord(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	inner := lambdakit.WrapFunc(func(ctx context.Context) error {
		slog.New(logs).InfoContext(ctx, "inner")
		return errors.New("no stock")
	}, logs.Middleware)
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		rctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1", CorrelationID: "c-1"})
		inner.Invoke(logging.With(rctx, "a", 1), []byte(`{}`))
		inner.Invoke(rctx, []byte(`{}`))
		end(nil)
		inner.Invoke(ctx, []byte(`{}`))
	}, logs.Middleware), `{}`)
	m := lines(t, b.Bytes())
	if len(m) != 6 {
		t.Fatalf("got %s, want two lines of each", &b)
	}
	for i, line := range m {
		want := [][]any{{"a", 1, "message_id", "m1", "correlation_id", "c-1"}, {"a", nil, "message_id", "m1", "correlation_id", "c-1"}, {"a", nil, "message_id", nil, "correlation_id", nil}}[i/2]
		wantFields(t, line, append(want, "message", []any{"inner", "invocation failed"}[i%2])...)
	}
}

// The event of an invocation that has ended is not searched for an id.
func TestJoin_AfterTheEndTheEventIsNotRead(t *testing.T) {
	t.Parallel()
	var kept context.Context
	lambdakit.WrapFunc(func(ctx context.Context) { kept = ctx }).Invoke(t.Context(), []byte(`{"id":"e-1"}`))
	var b bytes.Buffer
	l := slog.New(logging.New(&logging.Options{Writer: &b, CorrelationID: func([]byte) string {
		t.Error("got a call of CorrelationID, want none")
		return "c"
	}}))
	l.InfoContext(kept, "after the end")
	wantFields(t, lines(t, b.Bytes())[0], "message", "after the end", "correlation_id", nil)
}

// Without a Handler nobody could read a report.
func TestJoin_FieldsWithoutAHandlerAreBoundedSilently(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(&logging.Options{MaxLineBytes: 1 << 20, OnError: func(err error) { t.Errorf("got the report %v, want none", err) }}))
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		logging.Append(ctx, "a", 1, "big", strings.Repeat("x", 70_000), "b", 2)
		logging.Flush(ctx)
		l.InfoContext(ctx, "m")
		return errors.New("no stock")
	}), `{}`)
	wantFields(t, res.Logs[0], "a", 1, "big", nil, "b", 2)
	if got, want := messages(res), "INFO m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
