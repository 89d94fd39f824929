package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// logValue is a LogValuer made of a function.
type logValue func() slog.Value

func (f logValue) LogValue() slog.Value { return f() }

func TestValuesThatLogThemselves(t *testing.T) {
	t.Parallel()
	for _, replace := range []bool{false, true} {
		o := &logging.Options{}
		if replace {
			o.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr { return a }
		}
		res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
			logging.Append(ctx, slog.Any("u", logValue(func() slog.Value {
				l.InfoContext(ctx, "inside")
				logging.Append(ctx, slog.Int("nested", 1))
				return slog.StringValue("v")
			})))
			l.InfoContext(ctx, "outside", "x", logValue(func() slog.Value {
				l.InfoContext(ctx, "inside a line")
				return slog.IntValue(1)
			}))
			return nil
		})
		if got := messages(res); got != "INFO inside; INFO inside a line; INFO outside" || res.Logs[2]["u"] != "v" || res.Logs[2]["nested"] != 1.0 {
			t.Errorf("replace %v: %s", replace, res.Output)
		}
	}
}

func TestAppendedValuesAreEncodedOnce(t *testing.T) {
	t.Parallel()
	m := map[string]int{"v": 1}
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		logging.Append(ctx, slog.Any("m", m))
		m["v"] = 2
		logging.Append(ctx, slog.Int("n", 1))
		l.InfoContext(ctx, "m")
		return nil
	})
	if fmt.Sprint(res.Logs[0]["m"]) != "map[v:1]" {
		t.Errorf("%s", res.Output)
	}
}

func TestAppendLeavesOutOnlyWhatIsTooLong(t *testing.T) {
	t.Parallel()
	reported := 0
	res := run(t, &logging.Options{OnError: func(error) { reported++ }}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		logging.Append(ctx, slog.String("keep", "1"), slog.String("state", "old"))
		logging.Append(ctx, slog.String("big", strings.Repeat("x", 70_000)), slog.String("small", "s"))
		logging.Append(ctx, slog.String("state", strings.Repeat("x", 70_000)), slog.String("order_id", "o"))
		logging.Remove(ctx, "keep")
		l.InfoContext(ctx, "m")
		return nil
	})
	l := res.Logs[0]
	if l["small"] != "s" || l["order_id"] != "o" || l["state"] != "old" || l["keep"] != nil || l["big"] != nil || reported != 1 {
		t.Errorf("%d reports, %s", reported, res.Output)
	}
}

// node is part of a graph that goes in circles.
type node struct{ left, right *node }

func (n *node) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("left", n.left), slog.Any("right", n.right))
}

func TestGraphsThatGoInCirclesComeToAnEnd(t *testing.T) {
	t.Parallel()
	n := new(node)
	n.left, n.right = n, n
	l, b := logger(t, logging.Options{})
	l.Info("m", "n", n, "after", 1)
	if m := lines(t, b.Bytes())[0]; m["message"] != "m" || !strings.Contains(b.String(), "!ERROR") {
		t.Errorf("%.300s", b)
	}
}

func TestManyAttributesTakeLittleTime(t *testing.T) {
	t.Parallel()
	args := []any{"big", strings.Repeat("x", 5_000_000)}
	for i := range 500 {
		args = append(args, fmt.Sprint("key", i), i)
	}
	l, b := logger(t, logging.Options{})
	for range 20 { // each took seconds where every name was compared with all before it
		b.Reset()
		l.Info("m", args...)
	}
	if m := lines(t, b.Bytes())[0]; m["key499"] != 499.0 {
		t.Errorf("%.300s", b)
	}
}

func TestUsersFunctionsThatPanic(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]logging.Options{
		"FromContext": {FromContext: func(context.Context, []slog.Attr) []slog.Attr { panic("x") }},
		"ReplaceAttr": {ReplaceAttr: func([]string, slog.Attr) slog.Attr { panic("x") }, Attrs: []slog.Attr{slog.Int("a", 1)}},
		"Writer":      {Writer: panickyWriter{}},
	} {
		var b bytes.Buffer
		var reported []error
		if o.Writer == nil {
			o.Writer = &b
		}
		o.OnError = func(err error) { reported = append(reported, err) }
		l := slog.New(logging.New(&o)).With("bound", 1)
		l.Info("message", "a", 1)
		if len(reported) == 0 {
			t.Errorf("%s: not reported", name)
		}
		if m := lines(t, b.Bytes()); name != "Writer" && (len(m) != 1 || m[0]["message"] != "message" || m[0]["level"] != "INFO") {
			t.Errorf("%s: %s", name, &b)
		}
	}
}

type panickyWriter struct{}

func (panickyWriter) Write([]byte) (int, error) { panic("x") }

func TestGroupsAreRenamedAndRedactedToo(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{"password"}})
	l.WithGroup("level").Error("m", "a", 1)
	l.WithGroup("timestamp").WithGroup("level").Error("m", "a", 1)
	l.WithGroup("password").With("x", "hunter2").Error("m", "a", "hunter2")
	l.WithGroup("g").WithGroup("Password").Error("m", "a", "hunter2")
	m := lines(t, b.Bytes())
	if m[0]["level"] != "ERROR" || fmt.Sprint(m[0]["attr_level"]) != "map[a:1]" || fmt.Sprint(m[1]["attr_timestamp"]) != "map[level:map[a:1]]" ||
		m[2]["password"] != "[redacted]" || fmt.Sprint(m[3]["g"]) != "map[Password:[redacted]]" {
		t.Errorf("%s", b)
	}
}

// Names of groups may be reserved and secret: the line keeps the toolkit's field and no secret.
func TestGroups_ReservedNamesMayBeSecret(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"level", "function_name", "correlation_id"} {
		for _, replace := range []bool{false, true} {
			o := &logging.Options{Redact: []string{name}, CorrelationID: logging.EventBridge}
			if replace {
				o.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr { return a }
			}
			res := run(t, o, `{"id":"e-1"}`, func(ctx context.Context, l *slog.Logger) error {
				l.WithGroup(name).ErrorContext(ctx, "m", "x", "hunter2")
				l.WithGroup(name).With("x", "hunter2").WithGroup("g").ErrorContext(ctx, "m", "y", "hunter2")
				return nil
			})
			for _, line := range res.Logs {
				wantFields(t, line, "level", "ERROR", "attr_"+name, "[redacted]")
			}
			if strings.Contains(string(res.Output), "hunter2") || len(res.Logs) != 2 {
				t.Errorf("%s, replace %v: got %s, want two lines without the secret", name, replace, res.Output)
			}
		}
	}
}

func TestRedactionSeesNamesBeforeAndAfterRenaming(t *testing.T) {
	t.Parallel()
	o := logging.Options{Redact: []string{"tenant_id", "api_key", "ſecret"}, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "api_key" {
			a.Key = "apiKey"
		}
		return a
	}}
	l, b := logger(t, o)
	l.Info("m", "tenant_id", "hunter2", "api_key", "hunter2", "Secret", "hunter2")
	if lines(t, b.Bytes()); strings.Contains(b.String(), "hunter2") || !strings.Contains(b.String(), `"attr_tenant_id":"[redacted]"`) {
		t.Errorf("%s", b)
	}
	logs := logging.New(&logging.Options{Redact: []string{"tenant_id"}})
	h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) { slog.New(logs).InfoContext(ctx, "m") }, logs.Middleware), &lambdatest.Options{TenantID: "hunter2"})
	if res := h.Invoke(`{}`); res.Logs[0]["tenant_id"] != "[redacted]" {
		t.Errorf("%s", res.Output)
	}
}

// chattyError logs when it is asked for its text.
type chattyError struct {
	ctx context.Context
	l   *slog.Logger
}

func (e *chattyError) Error() string {
	e.l.DebugContext(e.ctx, "asked")
	return "chatty"
}

func TestWhatIsLoggedWhileAFailureIsWrittenIsKept(t *testing.T) {
	t.Parallel()
	res := run(t, &logging.Options{Buffer: &logging.Buffer{}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		l.DebugContext(ctx, "held")
		return &chattyError{ctx, l}
	})
	if got := messages(res); !strings.HasPrefix(got, "DEBUG held; ") || !strings.Contains(got, "DEBUG asked") || !strings.Contains(got, "ERROR invocation failed") {
		t.Errorf("%s", got)
	}
}

func TestLineThatIsEncodedWhileTheInvocationEnds(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}})
	started, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		go func() {
			defer close(done)
			slog.New(logs).DebugContext(ctx, "m", "x", logValue(func() slog.Value {
				close(started)
				<-release
				return slog.IntValue(1)
			}))
		}()
		<-started
	}, logs.Middleware), `{}`)
	close(release)
	<-done
	if b.Len() != 0 {
		t.Errorf("a line below the level, after a success: %s", &b)
	}
}

func TestErrorLinesAreNeverHeld(t *testing.T) {
	t.Parallel()
	v := new(slog.LevelVar)
	v.Set(slog.LevelDebug)
	res := run(t, &logging.Options{Buffer: &logging.Buffer{Level: v}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		v.Set(slog.LevelError)
		l.ErrorContext(ctx, "e")
		return nil
	})
	if got := messages(res); got != "ERROR e" {
		t.Errorf("%s", got)
	}
}

func TestNoticesAndCutsMakeNoDuplicates(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{MaxLineBytes: 1000})
	l.Info("m", "log_bytes", 1, "long", strings.Repeat("x", 2000))
	if m := lines(t, b.Bytes())[0]; m["log_bytes"] == 1.0 {
		t.Errorf("%s", b)
	}
	l, b = logger(t, logging.Options{})
	args := []any{"!ERROR", "mine", "id", "with"}
	for i := range 1100 {
		args = append(args, fmt.Sprint("k", i), i)
	}
	l.With(args...).Info("m", "id", "call")
	if m := lines(t, b.Bytes())[0]; m["id"] != "call" || m["!ERROR"] == "mine" {
		t.Errorf("id %v, !ERROR %v", m["id"], m["!ERROR"])
	}
	l, b = logger(t, logging.Options{})
	l.Info("m", "k\xff", 1, "k\uFFFD", 2)
	if m := lines(t, b.Bytes())[0]; m["k\uFFFD"] != 2.0 {
		t.Errorf("%s", b)
	}
}

func TestCutsKeepSurrogatePairsTogether(t *testing.T) {
	t.Parallel()
	for limit := 1000; limit < 1030; limit++ {
		l, b := logger(t, logging.Options{MaxLineBytes: limit})
		l.Info("m", "raw", json.RawMessage(`"`+strings.Repeat(`\ud83d\ude00`, 200)+`"`))
		_, before, _ := strings.Cut(b.String(), `"raw":"`)
		before, _, _ = strings.Cut(before, "...[cut]")
		if strings.HasSuffix(before, `\ud83d`) {
			t.Fatalf("limit %d: %s", limit, b)
		}
	}
}

func TestInvalidUTF8FromOutside(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	l.Info("m", "raw", json.RawMessage("\"\xff\""))
	if got := body(t, b); got != "{\"raw\":\"\uFFFD\"}" {
		t.Errorf("%q", got)
	}
	logs := logging.New(&logging.Options{LogEvent: new(true), LogResponse: true})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func() error { return nil }, logs.Middleware), "{\"a\":\"\xff\"}")
	if !strings.Contains(string(res.Output), "\"event\":{\"a\":\"\uFFFD\"}") || !strings.Contains(string(res.Output), `"response":null`) {
		t.Errorf("%q", res.Output)
	}
}

func TestFixedZoneThatIsCalledUTC(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	h := logging.New(&logging.Options{Writer: &b, Location: time.FixedZone("UTC", 7200)})
	h.Handle(t.Context(), slog.NewRecord(time.Unix(0, 0), slog.LevelInfo, "m", 0))
	if got := lines(t, b.Bytes())[0]["timestamp"]; got != "1970-01-01T02:00:00.000+02:00" {
		t.Error(got)
	}
}

func TestMiddlewareThatIsCalledTwice(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	twice := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			next(ctx, inv)
			return next(ctx, inv)
		}
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		slog.New(logs).InfoContext(ctx, "m")
		return context.Canceled
	}, twice, logs.Middleware), `{}`)
	if got := messages(res); got != "INFO m; INFO m; ERROR invocation failed" {
		t.Errorf("%s", got)
	}
}

func TestEventIsHeldAsOtherLinesAre(t *testing.T) {
	t.Parallel()
	yes := true
	logs := logging.New(&logging.Options{Level: slog.LevelWarn, LogEvent: &yes, LogResponse: yes, Buffer: &logging.Buffer{Level: slog.LevelInfo}})
	fail := false
	h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		slog.New(logs).InfoContext(ctx, "m")
		if fail {
			return context.Canceled
		}
		return nil
	}, logs.Middleware), nil)
	if got := messages(h.Invoke(`{}`)); got != "" {
		t.Errorf("of a success: %s", got)
	}
	fail = true
	if got := messages(h.Invoke(`{}`)); got != "INFO Lambda invocation event; INFO m; ERROR invocation failed" {
		t.Errorf("of a failure: %s", got)
	}
}

func TestHeldLinesShareTheFateOfTheErrorLine(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{Level: logging.LevelFatal, Buffer: &logging.Buffer{}})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		slog.New(logs).DebugContext(ctx, "m")
		return context.Canceled
	}, logs.Middleware), `{}`)
	if got := messages(res); got != "" {
		t.Error(got)
	}
}
