package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func TestLongLines_KeepWhatSaysMost(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{2_000, 10_000, 64_000} {
		var b bytes.Buffer
		logs := logging.New(&logging.Options{Writer: &b, MaxLineBytes: limit, Service: "orders"})
		var args []any
		for i := range 1000 {
			args = append(args, fmt.Sprint("key", i), strings.Repeat("v", 100))
		}
		args = append(args, "error", fmt.Errorf("charge: %w", errors.New(strings.Repeat("x", 100_000))))
		lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			slog.New(logs).ErrorContext(ctx, "message "+strings.Repeat("m", 200), args...)
		}, logs.Middleware), `{}`)
		m := lines(t, b.Bytes())[0]
		e, _ := m["error"].(map[string]any)
		if b.Len() > limit || e["type"] != "*fmt.wrapError" || !strings.HasPrefix(fmt.Sprint(e["message"]), "charge: x") {
			t.Errorf("%d: got %d bytes with the error %.200v", limit, b.Len(), e)
		}
		for _, name := range []string{"level", "message", "timestamp", "service", "cold_start", "function_arn", "function_memory_size", "function_name", "function_version", "function_request_id", "xray_trace_id"} {
			if s, isText := m[name].(string); m[name] == nil || isText && strings.Contains(s, "[cut]") {
				t.Errorf("%d: got %s=%v, want it whole", limit, name, m[name])
			}
		}
		left := 0
		for name := range m {
			if strings.HasPrefix(name, "key") {
				left++
			}
		}
		if dropped, _ := m["log_dropped"].(float64); int(dropped) != 1000-left || left == 0 || m["key0"] == nil {
			t.Errorf("%d: got %d attributes and log_dropped=%v, want 1000 together, the first ones", limit, left, m["log_dropped"])
		}
		if n, _ := m["log_bytes"].(float64); n < 100_000 {
			t.Errorf("%d: got log_bytes=%v, want the length of the whole line", limit, m["log_bytes"])
		}
	}
}

func TestLongLines_BeginBehindTheLimit(t *testing.T) {
	t.Parallel()
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, strings.Repeat("m", 2000), 0)
	var whole bytes.Buffer
	logging.New(&logging.Options{Writer: &whole}).Handle(t.Context(), r)
	for limit, want := range map[int]bool{whole.Len(): true, whole.Len() - 1: false} {
		var b bytes.Buffer
		logging.New(&logging.Options{Writer: &b, MaxLineBytes: limit}).Handle(t.Context(), r)
		if got := b.String() == whole.String(); got != want || b.Len() > limit {
			t.Errorf("at most %d bytes: got %d of %d bytes, want all: %v", limit, b.Len(), whole.Len(), want)
		}
	}
}

func TestLongLines_ALongMessageLeavesRoom(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	l.Error(strings.Repeat("m", 200_000), "a", 1, "error", errors.New(strings.Repeat("x", 200_000)), "b", 2)
	m := lines(t, b.Bytes())[0]
	e, _ := m["error"].(map[string]any)
	if b.Len() > 64_000 || m["a"] != 1.0 || m["b"] != 2.0 || e["type"] == nil || m["log_dropped"] != nil || len(m["message"].(string)) < 10_000 {
		t.Errorf("got %d bytes, a=%v, b=%v, log_dropped=%v, want both attributes", b.Len(), m["a"], m["b"], m["log_dropped"])
	}
}

func TestLongLines_ObjectsStayObjects(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{MaxLineBytes: 4000})
	l.Info("m", slog.Group("order", "id", 7, "note", strings.Repeat("x", 10_000), slog.Group("customer", "id", 8, "text", strings.Repeat("y", 10_000))), "other", map[string]any{"k": "v"})
	m := lines(t, b.Bytes())[0]
	order, _ := m["order"].(map[string]any)
	customer, _ := order["customer"].(map[string]any)
	if order["id"] != 7.0 || customer["id"] != 8.0 || !strings.HasSuffix(fmt.Sprint(order["note"]), "[cut]") || fmt.Sprint(m["other"]) != "map[k:v]" {
		t.Errorf("got %.500s, want the objects with shorter texts", b)
	}
}

func TestLongLines_OwnNamesAreTheirs(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{MaxLineBytes: 1000})
	args := []any{"log_dropped", "mine", "log_bytes", "mine"}
	for i := range 300 {
		args = append(args, fmt.Sprint("k", i), i)
	}
	l.Info("m", args...)
	if m := lines(t, b.Bytes())[0]; m["log_dropped"] == "mine" || m["log_bytes"] == "mine" || m["log_dropped"] == nil {
		t.Errorf("got %s, want the numbers of the toolkit", b)
	}
	l, b = logger(t, logging.Options{MaxLineBytes: 1000})
	l.Info("m", slog.Group("g", "log_bytes", 7, "log_dropped", 8, "text", strings.Repeat("x", 2000)))
	if g, _ := lines(t, b.Bytes())[0]["g"].(map[string]any); g["log_bytes"] != 7.0 || g["log_dropped"] != 8.0 {
		t.Errorf("got the group %v, want its own members of these names", g)
	}
}

func TestAttributes_NamesInAGroupAreItsOwn(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	slog.New(logging.New(&logging.Options{Writer: &b})).Info("m", "a", 1, "a", 2, slog.Group("g", "b", 1, "b", 2), "b", 3, "b", 4)
	if want := `"a":2,"g":{"b":2},"b":4`; !strings.Contains(b.String(), want) {
		t.Errorf("got %s, want %s", &b, want)
	}
}

// A list with a group does not hide the members before it.
func TestAttributes_AGroupInAListLeavesTheOthersUnique(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	v := logValue(func() slog.Value { return slog.GroupValue(slog.Int("x", 1), slog.Int("x", 2)) })
	l.Info("m", "a", 1, "b", 1, "a", 2, "v", []any{v}, "a", 3, "b", 2)
	if got, want := body(t, b), `{"v":[{"x":2}],"a":3,"b":2}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAttributes_AreBounded(t *testing.T) {
	t.Parallel()
	var args []any
	for i := range 3000 {
		args = append(args, fmt.Sprint("k", i), i)
	}
	l, b := logger(t, logging.Options{MaxLineBytes: 1 << 20})
	l.Info("m", args...)
	if m := lines(t, b.Bytes())[0]; len(m) > 1024+4 || m["!ERROR"] == nil {
		t.Errorf("got %d members, want at most 1,024 at one level and a note", len(m))
	}
	b.Reset()
	var groups []any
	for i := range 20 {
		groups = append(groups, slog.Group(fmt.Sprint("g", i), args[:1000]...))
	}
	l.Info("m", groups...)
	if n := strings.Count(b.String(), `"k`); n > 4096 || !strings.Contains(b.String(), "too many attributes") {
		t.Errorf("got %d attributes, want at most 4,096 and a note", n)
	}
	b.Reset()
	deep := slog.Int("leaf", 1)
	for range 100 {
		deep = slog.Group("g", deep)
	}
	l.Info("m", deep)
	if n := strings.Count(b.String(), `"g"`); n > 33 || !strings.Contains(b.String(), "nested too deep") {
		t.Errorf("got a depth of %d, want at most 32 and a note", n)
	}
}

func TestCorrelationID_BelongsToTheUserUnlessTheInvocationHasOne(t *testing.T) {
	t.Parallel()
	for _, replace := range []bool{false, true} {
		o := &logging.Options{FromContext: func(ctx context.Context, dst []slog.Attr) []slog.Attr {
			if ctx.Value(fromContextKey{}) != nil {
				dst = append(dst, slog.String("correlation_id", "mine"))
			}
			return dst
		}}
		if replace {
			o.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr { return a }
		}
		res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
			log := func() {
				l.InfoContext(ctx, "call", "correlation_id", "mine")
				l.With("correlation_id", "mine", "a", 1).InfoContext(ctx, "With")
				l.With("correlation_id", "mine").With("b", 1).WithGroup("g").InfoContext(ctx, "With and group", "correlation_id", "inner")
				l.WithGroup("correlation_id").InfoContext(ctx, "group", "x", "mine")
				l.WithGroup("g").WithGroup("correlation_id").InfoContext(ctx, "inner group", "x", "mine")
				l.InfoContext(context.WithValue(ctx, fromContextKey{}, true), "FromContext")
				logging.Append(ctx, slog.String("correlation_id", "mine"))
				l.InfoContext(ctx, "Append")
				logging.Remove(ctx, "correlation_id")
				l.InfoContext(ctx, "none")
			}
			log()
			logging.SetCorrelationID(ctx, "own")
			log()
			return nil
		})
		const n = 8
		if len(res.Logs) != 2*n {
			t.Fatalf("got %d lines, want %d", len(res.Logs), 2*n)
		}
		for i, line := range res.Logs {
			name, own := "correlation_id", any(nil)
			if i >= n {
				name, own = "attr_correlation_id", "own"
			}
			want := any("mine")
			switch line.Message() {
			case "group":
				want = "map[x:mine]"
			case "inner group":
				want, name = own, "correlation_id"
				if fmt.Sprint(line["g"]) != "map[correlation_id:map[x:mine]]" {
					t.Errorf("got g=%v, want names inside groups as they are", line["g"])
				}
			case "none":
				want = own
				name = "correlation_id"
			case "With and group":
				if fmt.Sprint(line["g"]) != "map[correlation_id:inner]" {
					t.Errorf("got g=%v, want names inside groups as they are", line["g"])
				}
			}
			if fmt.Sprint(line[name]) != fmt.Sprint(want) || i >= n && line["correlation_id"] != own {
				t.Errorf("replace %v, line %d, %s: got %v, want %s=%v", replace, i, line.Message(), line, name, want)
			}
		}
	}
}

// An encoder that has written a line with a correlation id is used for other lines, too.
func TestCorrelationID_LeavesLaterLinesAlone(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{})
	ctx := logging.With(t.Context(), "correlation_id", "c-1")
	for range 100 {
		l.InfoContext(ctx, "m")
		b.Reset()
		l.With("correlation_id", "mine").Info("m")
		if got, want := body(t, b), `{"correlation_id":"mine"}`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

type fromContextKey struct{}

// Lambda takes a line without a timestamp for one at INFO.
func TestZeroTime_OnlyLinesAtInfoGoWithoutTimestamp(t *testing.T) {
	t.Parallel()
	for _, o := range []logging.Options{{}, {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}} {
		var b bytes.Buffer
		o.Writer, o.Level = &b, logging.LevelTrace
		h := logging.New(&o)
		for _, level := range []slog.Level{logging.LevelTrace, slog.LevelDebug, slog.LevelInfo, slog.LevelInfo + 1, slog.LevelWarn, slog.LevelError, logging.LevelFatal, 20} {
			b.Reset()
			h.Handle(t.Context(), slog.NewRecord(time.Time{}, level, "m", 0))
			text, has := lines(t, b.Bytes())[0]["timestamp"].(string)
			if want := level < slog.LevelInfo || level >= slog.LevelWarn; has != want {
				t.Errorf("level %d: got timestamp %q, want one: %v", level, text, want)
			}
			if at, err := time.Parse(time.RFC3339, text); has && (err != nil || time.Since(at) > time.Hour) {
				t.Errorf("level %d: got timestamp %q, want now", level, text)
			}
		}
	}
}

func TestZeroTime_TheTimestampHasTheTimeZone(t *testing.T) {
	t.Parallel()
	for _, o := range []logging.Options{{}, {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}} {
		var b bytes.Buffer
		o.Writer, o.Location = &b, time.FixedZone("", 2*60*60)
		logging.New(&o).Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelError, "m", 0))
		if got, _ := lines(t, b.Bytes())[0]["timestamp"].(string); !strings.HasSuffix(got, "+02:00") {
			t.Errorf("got the timestamp %q, want it in the zone +02:00", got)
		}
	}
}

func TestAnsweredFailure(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}, LogResponse: true})
	l := slog.New(logs)
	h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) (map[string]int, error) {
		l.DebugContext(ctx, "held")
		lambdakit.FromContext(ctx).Fail(errors.New("answered 500"))
		return map[string]int{"statusCode": 500}, nil
	}, logs.Middleware), nil)
	res := h.Invoke(`{}`)
	if got := messages(res); got != "DEBUG held; ERROR invocation failed; INFO Lambda invocation response" {
		t.Fatalf("got %s, want the line about the failure and the response", got)
	}
	if e, _ := res.Logs[1]["error"].(map[string]any); e["message"] != "answered 500" || res.Logs[1]["function_request_id"] != res.RequestID {
		t.Errorf("got %v, want the error given to Fail", res.Logs[1])
	}
	// aws-lambda-go does not print it, so the same text of a later failure is not an echo.
	b.Reset()
	if printLog(l.Handler(), `{"errorMessage":"answered 500","errorType":"errorString"}`); !strings.Contains(b.String(), `"level":"ERROR","message":"invocation failed"`) {
		t.Errorf("got %q, want the line of a later failure", &b)
	}
}

func TestTee_PanicsAreContained(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"Enabled", "Handle", "WithAttrs", "WithGroup"} {
		var b bytes.Buffer
		var reported []string
		logs := logging.New(&logging.Options{Writer: &b, Tee: panickyTee{in}, OnError: func(err error) { reported = append(reported, err.Error()) }})
		l := slog.New(logs)
		h := lambdakit.WrapFunc(func(ctx context.Context) error {
			l.InfoContext(ctx, "one")
			l.With("a", 1).WithGroup("g").InfoContext(ctx, "two", "b", 2)
			return errors.New("x")
		}, logs.Middleware)
		if _, err := h.Invoke(t.Context(), nil); err == nil {
			t.Errorf("%s: got no error, want the function's", in)
		}
		got := lines(t, b.Bytes())
		if len(got) != 3 || got[1]["a"] != 1.0 || fmt.Sprint(got[1]["g"]) != "map[b:2]" || got[2]["message"] != "invocation failed" {
			t.Errorf("%s: got %s, want all lines", in, &b)
		}
		if len(reported) != 1 || !strings.Contains(reported[0], "Tee panicked: "+in) {
			t.Errorf("%s: got the reports %q, want one", in, reported)
		}
	}
}

func TestTee_ItsErrorIsReturned(t *testing.T) {
	t.Parallel()
	h := logging.New(&logging.Options{Writer: io.Discard, Tee: failingTee{}})
	if err := h.Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0)); err != errTee {
		t.Errorf("got %v, want %v", err, errTee)
	}
}

var errTee = errors.New("tee")

// failingTee is a Handler that cannot write.
type failingTee struct{ slog.Handler }

func (failingTee) Enabled(context.Context, slog.Level) bool  { return true }
func (failingTee) Handle(context.Context, slog.Record) error { return errTee }

type panickyTee struct{ in string }

func (p panickyTee) check(in string) {
	if p.in == in {
		panic(in)
	}
}
func (p panickyTee) Enabled(context.Context, slog.Level) bool  { p.check("Enabled"); return true }
func (p panickyTee) Handle(context.Context, slog.Record) error { p.check("Handle"); return nil }
func (p panickyTee) WithAttrs([]slog.Attr) slog.Handler        { p.check("WithAttrs"); return p }
func (p panickyTee) WithGroup(string) slog.Handler             { p.check("WithGroup"); return p }
