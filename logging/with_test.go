package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// wantFields compares some members of a line; want has pairs of a name and a value, nil: absent.
func wantFields(t testing.TB, line map[string]any, want ...any) {
	t.Helper()
	for i := 0; i < len(want); i += 2 {
		name := want[i].(string)
		if got := line[name]; fmt.Sprint(got) != fmt.Sprint(want[i+1]) {
			t.Errorf("line %q: got %s = %v, want %v", line["message"], name, got, want[i+1])
		}
	}
}

func TestAppend_TakesArgumentsLikeSlog(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		logging.Append(ctx)
		logging.Append(ctx, "a", 1, slog.String("b", "two"), slog.Group("", "c", true), "lonely")
		l.InfoContext(ctx, "m")
		return nil
	})
	wantFields(t, res.Logs[0], "a", 1.0, "b", "two", "c", true, "!BADKEY", "lonely")
}

func TestWith_FieldsFollowTheContext(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		inner := logging.With(ctx, "a", 1, slog.String("b", "two"), "lonely")
		l.InfoContext(inner, "with")
		//lint:ignore SA1029 any derived context
		l.WithGroup("g").InfoContext(context.WithValue(inner, "k", "v"), "derived", "x", 1)
		l.InfoContext(ctx, "without")
		return nil
	})
	wantFields(t, res.Logs[0], "a", 1.0, "b", "two", "!BADKEY", "lonely", "function_request_id", res.RequestID)
	wantFields(t, res.Logs[1], "a", 1.0, "b", "two", "g", "map[x:1]")
	wantFields(t, res.Logs[2], "a", nil, "b", nil, "!BADKEY", nil)
}

func TestWith_InnerFieldsWin(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		outer := logging.With(ctx, "a", "outer", "b", "outer", "level", "mine")
		inner := logging.With(outer, "b", "inner", "c", "inner")
		logging.Append(inner, "a", "appended", "c", "appended", "d", "appended")
		l.InfoContext(inner, "inner")
		l.InfoContext(outer, "outer")
		l.With("b", "logger").InfoContext(inner, "call", "c", "call")
		return nil
	})
	wantFields(t, res.Logs[0], "a", "outer", "b", "inner", "c", "inner", "d", "appended", "level", "INFO", "attr_level", "mine")
	wantFields(t, res.Logs[1], "a", "outer", "b", "outer", "c", "appended", "d", "appended")
	wantFields(t, res.Logs[2], "a", "outer", "b", "logger", "c", "call")
}

func TestWith_ReplacesTheCorrelationID(t *testing.T) {
	t.Parallel()
	for _, replace := range []bool{false, true} {
		o := &logging.Options{CorrelationID: logging.EventBridge, SampleRate: new(1.0), Service: "orders"}
		if replace {
			o.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr { return a }
		}
		res := run(t, o, `{"id":"event"}`, func(ctx context.Context, l *slog.Logger) error {
			inner := logging.With(ctx, "correlation_id", 42, "a", 1)
			l.InfoContext(inner, "number", "correlation_id", "attribute")
			l.InfoContext(logging.With(inner, "b", 2), "inherited")
			l.InfoContext(logging.With(inner, slog.Group("", "correlation_id", "group")), "group")
			l.InfoContext(logging.With(inner, "correlation_id", ""), "removed")
			logging.SetCorrelationID(inner, "set")
			l.InfoContext(inner, "number again")
			l.InfoContext(ctx, "set")
			return nil
		})
		for i, want := range []any{"42", "42", "group", nil, "42", "set"} {
			wantFields(t, res.Logs[i], "correlation_id", want, "sampling_rate", 1.0, "service", "orders", "function_request_id", res.RequestID)
		}
		wantFields(t, res.Logs[0], "attr_correlation_id", "attribute", "a", 1.0)
	}
}

func TestWith_AGroupIsNoCorrelationID(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		l.InfoContext(logging.With(ctx, slog.Group("correlation_id", "a", 1)), "m")
		return nil
	})
	wantFields(t, res.Logs[0], "correlation_id", "map[a:1]")
}

func TestWith_CorrelationIDStandsAmongTheFieldsOfTheInvocation(t *testing.T) {
	t.Parallel()
	res := run(t, &logging.Options{SampleRate: new(1.0)}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		l.InfoContext(logging.With(ctx, "a", 1, "correlation_id", `"x"`), "m")
		return nil
	})
	if want := `,"correlation_id":"\"x\"","sampling_rate":1,"a":1}`; !strings.HasSuffix(strings.TrimSpace(string(res.Output)), want) {
		t.Errorf("got %s, want it to end in %s", res.Output, want)
	}
}

func TestWith_OutsideAnInvocation(t *testing.T) {
	t.Parallel()
	for _, replace := range []bool{false, true} {
		o := logging.Options{Service: "orders"}
		if replace {
			o.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr { return a }
		}
		l, b := logger(t, o)
		ctx := logging.With(t.Context(), "a", 1, "correlation_id", "c-1")
		l.InfoContext(ctx, "m")
		if got, want := body(t, b), `{"service":"orders","correlation_id":"c-1","a":1}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWith_AnInvocationTakesTheFieldsOfItsContext(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	l := slog.New(logs)
	fn := lambdakit.WrapFunc(func(ctx context.Context) error {
		l.InfoContext(ctx, "inside")
		l.InfoContext(logging.With(ctx, "b", 2), "inner")
		return fmt.Errorf("failed")
	}, logs.Middleware)
	fn.Invoke(logging.With(t.Context(), "a", 1), []byte(`{}`))
	m := lines(t, b.Bytes())
	wantFields(t, m[0], "a", 1.0, "b", nil)
	wantFields(t, m[1], "a", 1.0, "b", 2.0)
	wantFields(t, m[2], "message", "invocation failed", "a", 1.0, "b", nil)
}

func TestWith_InAMiddlewareBetweenTwoHandlers(t *testing.T) {
	t.Parallel()
	var b1, b2 bytes.Buffer
	one, two := logging.New(&logging.Options{Writer: &b1}), logging.New(&logging.Options{Writer: &b2, Redact: []string{"a"}})
	between := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			return next(logging.With(ctx, "a", 1), inv)
		}
	}
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, "x", 1)
		slog.New(one).InfoContext(ctx, "m")
		slog.New(two).InfoContext(ctx, "m")
	}, one.Middleware, between, two.Middleware), `{}`)
	for a, b := range map[any]*bytes.Buffer{1.0: &b1, "[redacted]": &b2} {
		m := lines(t, b.Bytes())
		if len(m) != 1 || m[0]["function_request_id"] == nil {
			t.Fatalf("got %s, want one line of the invocation", b)
		}
		wantFields(t, m[0], "a", a, "x", 1.0)
	}
}

func TestWith_ValuesAreEncodedOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		ctx = logging.With(ctx, "a", counting{&calls})
		for range 3 {
			l.InfoContext(logging.With(ctx, "b", 1), "m")
		}
		return nil
	})
	if calls != 1 {
		t.Errorf("got %d encodings, want 1", calls)
	}
}

type counting struct{ calls *int }

func (c counting) MarshalJSON() ([]byte, error) {
	*c.calls++
	return json.Marshal(*c.calls)
}

func TestWith_IsBounded(t *testing.T) {
	t.Parallel()
	var reported []error
	res := run(t, &logging.Options{OnError: func(err error) { reported = append(reported, err) }}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		for i := range 100 {
			ctx = logging.With(ctx, fmt.Sprint("key", i), strings.Repeat("x", 1000))
		}
		l.InfoContext(ctx, "m")
		return nil
	})
	if len(reported) != 1 || !strings.Contains(reported[0].Error(), "With: the fields of a context are longer than a line") {
		t.Errorf("got reports %v, want one about the length", reported)
	}
	if len(res.Output) > 64_000 || res.Logs[0]["key1"] == nil {
		t.Errorf("got a line of %d bytes, want at most 64000 with key1", len(res.Output))
	}
}

func TestWith_ManyHandlersWithOneContext(t *testing.T) {
	t.Parallel()
	ctx := logging.With(t.Context(), "a", 1)
	for range 20 {
		l, b := logger(t, logging.Options{})
		for range 2 {
			l.InfoContext(ctx, "m")
			if got, want := body(t, b), `{"a":1}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

func TestWith_EmptyArguments(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	if got := logging.With(ctx); got != ctx {
		t.Errorf("got %v, want the same context", got)
	}
	l, b := logger(t, logging.Options{})
	//lint:ignore SA1012 a nil context must not panic
	l.InfoContext(logging.With(nil, "a", 1), "m")
	if got, want := body(t, b), `{"a":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWith_ConcurrentGoroutines(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		shared := logging.With(ctx, "shared", true)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				ctx := logging.With(shared, "i", i, "correlation_id", fmt.Sprint("c-", i))
				for range 20 {
					logging.Append(ctx, "n", i)
					l.InfoContext(ctx, "m", "want", i)
				}
			})
		}
		wg.Wait()
		return nil
	})
	if len(res.Logs) != 160 {
		t.Fatalf("got %d lines, want 160", len(res.Logs))
	}
	for _, line := range res.Logs {
		wantFields(t, line, "shared", true, "i", line["want"], "correlation_id", fmt.Sprint("c-", line["want"]))
	}
}

func TestWith_ConcurrentFirstLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := slog.New(logging.New(&logging.Options{Writer: &b}))
	ctx := logging.With(logging.With(t.Context(), "outer", 1), "inner", 2)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { l.InfoContext(ctx, "m") })
	}
	wg.Wait()
	m := lines(t, b.Bytes())
	if len(m) != 8 {
		t.Fatalf("got %d lines, want 8", len(m))
	}
	for _, line := range m {
		wantFields(t, line, "outer", 1.0, "inner", 2.0)
	}
}

func TestWith_ValuesMayChangeAfterwardsInAnInvocation(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		list := []int{1, 2}
		ctx = logging.With(ctx, "list", list)
		list[0] = 7
		l.InfoContext(ctx, "m")
		return nil
	})
	wantFields(t, res.Logs[0], "list", "[1 2]")
}

// A context of an invocation without the Middleware keeps its fields to that invocation.
func TestAppend_AContextOfAnotherInvocationAddsNothingToTheRunningOne(t *testing.T) {
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	log := slog.New(logs)
	var old context.Context
	lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
		old = ctx
		return nil, nil
	}).Invoke(t.Context(), []byte(`{}`))
	lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
		logging.Append(old, "old", true)
		logging.Append(ctx, "new", true)
		log.InfoContext(logging.With(old, "with", true), "of the old one")
		log.InfoContext(ctx, "of the new one")
		return nil, nil
	}, logs.Middleware).Invoke(t.Context(), []byte(`{}`))
	var lines [2]map[string]any
	dec := json.NewDecoder(&b)
	for i := range lines {
		if err := dec.Decode(&lines[i]); err != nil {
			t.Fatal(err)
		}
	}
	wantFields(t, lines[0], "old", true, "new", nil, "with", true)
	wantFields(t, lines[1], "old", nil, "new", true)
}

// Loggers of With and WithGroup have the level of their Handler.
func TestHandler_DerivedLoggersHaveItsLevel(t *testing.T) {
	t.Parallel()
	for _, level := range []slog.Level{logging.LevelTrace, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, logging.LevelFatal} {
		for _, leveler := range []slog.Leveler{level, levelOf(level)} {
			l, _ := logger(t, logging.Options{Level: leveler})
			for name, l := range map[string]*slog.Logger{"itself": l, "With": l.With("a", 1), "WithGroup": l.WithGroup("g"), "both": l.With("a", 1).WithGroup("g").With("b", 1)} {
				for at := slog.Level(-9); at <= 13; at++ {
					if got, want := l.Enabled(t.Context(), at), at >= level; got != want {
						t.Errorf("%s at %v: got %v enabled %v, want %v", name, level, at, got, want)
					}
				}
			}
		}
	}
}

func levelOf(l slog.Level) *slog.LevelVar {
	v := new(slog.LevelVar)
	v.Set(l)
	return v
}
