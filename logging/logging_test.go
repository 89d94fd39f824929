package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/processtest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// TestMain clears what the developer's own environment says about logging.
func TestMain(m *testing.M) {
	if processtest.Run(functions) { // in the environment of the emulator
		return
	}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_LAMBDA_") || name == "LOG_LEVEL" || name == "TZ" {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// lines decodes what was written; every line must be a JSON object without
// duplicate names.
func lines(t testing.TB, b []byte) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range bytes.Lines(b) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		noDuplicates(t, line)
		all = append(all, m)
	}
	return all
}

func noDuplicates(t testing.TB, line []byte) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(line))
	var walk func()
	walk = func() {
		tok, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch tok {
		case json.Delim('{'):
			seen := map[string]bool{}
			for dec.More() {
				key, _ := dec.Token()
				if seen[key.(string)] {
					t.Errorf("%q twice in %s", key, line)
				}
				seen[key.(string)] = true
				walk()
			}
			dec.Token()
		case json.Delim('['):
			for dec.More() {
				walk()
			}
			dec.Token()
		}
	}
	walk()
}

// logger returns a logger that writes to the buffer, and fails the test when a
// warning is reported.
func logger(t testing.TB, o logging.Options) (*slog.Logger, *bytes.Buffer) {
	t.Helper()
	b := new(bytes.Buffer)
	o.Writer = b
	if o.OnError == nil {
		o.OnError = func(err error) { t.Errorf("reported: %v", err) }
	}
	return slog.New(logging.New(&o)), b
}

// body returns the first line without its level, message and timestamp.
func body(t testing.TB, b *bytes.Buffer) string {
	t.Helper()
	m := lines(t, b.Bytes())
	if len(m) != 1 {
		t.Fatalf("%d lines: %s", len(m), b)
	}
	_, rest, ok := strings.Cut(strings.TrimSuffix(b.String(), "\n"), `"timestamp":"`)
	if !ok {
		t.Fatalf("no timestamp: %s", b)
	}
	b.Reset()
	_, rest, _ = strings.Cut(rest, `"`)
	return "{" + strings.TrimPrefix(rest, ",")
}

func TestLine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	h := logging.New(&logging.Options{Writer: &b, Service: "orders", Attrs: []slog.Attr{slog.String("stage", "prod")}})
	at := time.Date(2026, 11, 22, 10, 15, 30, 123456789, time.FixedZone("", 3600))
	r := slog.NewRecord(at, slog.LevelWarn, "a \"message\"\n", 0)
	r.AddAttrs(slog.Int("n", 1))
	h.Handle(t.Context(), r)
	const want = `{"level":"WARN","message":"a \"message\"\n","timestamp":"2026-11-22T09:15:30.123Z","service":"orders","stage":"prod","n":1}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", &b, want)
	}
}

func TestSlogConformance(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	names := map[string]string{"timestamp": slog.TimeKey, "message": slog.MessageKey}
	err := slogtest.TestHandler(logging.New(&logging.Options{Writer: &b}), func() []map[string]any {
		all := lines(t, b.Bytes())
		for _, m := range all {
			for ours, theirs := range names {
				if v, ok := m[ours]; ok {
					delete(m, ours)
					m[theirs] = v
				}
			}
		}
		return all
	})
	if err != nil {
		t.Error(err)
	}
}

// groups is a LogValuer that never ends.
type endless struct{ key string }

func (e endless) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("a", 1), slog.Any(e.key, e))
}

type loop struct{}

func (l loop) LogValue() slog.Value { return slog.AnyValue(l) }

type panicky struct{}

func (panicky) LogValue() slog.Value         { panic("LogValue") }
func (panicky) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }

type panickyError struct{}

func (*panickyError) Error() string { panic("Error") }

type panickyMarshaler struct{}

func (panickyMarshaler) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("refused") }

type cyclic struct{ Next *cyclic }

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

func TestValues(t *testing.T) {
	t.Parallel()
	cycle := &cyclic{}
	cycle.Next = cycle
	var nilPointer *cyclic
	var nilError *panickyError
	for _, c := range []struct {
		args []any
		want string // a prefix where it ends in *
	}{
		{[]any{"s", "x\x00\xff\u2028é"}, "{\"s\":\"x\\u0000\uFFFD\\u2028é\"}"},
		{[]any{"i", -1, "u", uint64(math.MaxUint64), "f", 1.5, "b", true, "d", time.Second, "n", nil}, `{"i":-1,"u":18446744073709551615,"f":1.5,"b":true,"d":1000000000,"n":null}`},
		{[]any{"t", time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}, `{"t":"2026-01-02T03:04:05.000000006Z"}`},
		{[]any{"t", time.Date(12026, 1, 2, 3, 4, 5, 6, time.UTC)}, `{"t":"12026-01-02T03:04:05.000000006Z"}`},
		{[]any{"nan", math.NaN(), "inf", math.Inf(1), "ninf", math.Inf(-1)}, `{"nan":"NaN","inf":"+Inf","ninf":"-Inf"}`},
		{[]any{"nan", []float64{math.NaN()}}, `{"nan":["NaN"]}`},
		{[]any{"b", []byte("abc"), "r", json.RawMessage(`{"a": 1}`), "html", "<&>"}, `{"b":"YWJj","r":{"a":1},"html":"<&>"}`},
		{[]any{"r", json.RawMessage(`{"a`)}, `{"r":"!ERROR: *`},
		{[]any{"m", map[string]any{"b": 1, "a": "<"}}, `{"m":{"a":"<","b":1}}`},
		{[]any{"ch", make(chan int)}, `{"ch":"!ERROR: json: unsupported type: chan int"}`},
		{[]any{"cycle", cycle}, `{"cycle":"!ERROR: *`},
		{[]any{"nil", nilPointer, "nilerr", error(nilError)}, `{"nil":null,"nilerr":null}`},
		{[]any{"p", panickyMarshaler{}}, `{"p":"!PANIC: MarshalJSON"}`},
		{[]any{"p", &panickyError{}}, `{"p":"!PANIC: Error"}`},
		{[]any{"f", failing{}}, `{"f":"!ERROR: *`},
		{[]any{"p", panicky{}}, `{"p":{"message":"LogValue panicked*`},
		{[]any{"loop", loop{}}, `{"loop":{"message":"LogValue called too many times*`},
		{[]any{"v", valuer{slog.GroupValue(slog.Any("x", valuer{slog.IntValue(1)}))}}, `{"v":{"x":1}}`},
		{[]any{"e", endless{"e"}}, `{"e":{"a":1,"e":{"a":1,*`},
		{[]any{"e", endless{""}}, `{"e":{"a":1,*`},
		{[]any{"odd"}, `{"!BADKEY":"odd"}`},
		{[]any{slog.Attr{}, slog.String("", "empty name")}, `{"":"empty name"}`},
		{[]any{slog.Group("g"), slog.Group("", "inline", 1), slog.Group("h", slog.Group("i"))}, `{"inline":1}`},
		{[]any{"ключ \"q\"", 1}, `{"ключ \"q\"":1}`},
	} {
		l, b := logger(t, logging.Options{})
		l.Info("m", c.args...)
		got := body(t, b)
		prefix, ok := strings.CutSuffix(c.want, "*")
		if ok && !strings.HasPrefix(got, prefix) || !ok && got != c.want {
			t.Errorf("%v:\ngot  %.300s\nwant %s", c.args, got, c.want)
		}
	}
}

func TestLaterMembersWin(t *testing.T) {
	t.Parallel()
	o := logging.Options{Attrs: []slog.Attr{slog.String("a", "option"), slog.String("b", "option")}}
	for want, log := range map[string]func(*slog.Logger){
		`{"b":"option","a":"call"}`: func(l *slog.Logger) { l.Info("m", "a", "call") },
		`{"a":"2","b":"3"}`:         func(l *slog.Logger) { l.Info("m", "a", "1", "a", "2", "b", "3") },
		`{"b":"with","a":"with2"}`:  func(l *slog.Logger) { l.With("a", "with", "b", "with").With("a", "with2").Info("m") },
		`{"a":"option","b":"option","g":{"y":2,"x":3}}`: func(l *slog.Logger) {
			l.WithGroup("g").With("x", 1, "y", 2).Info("m", slog.Group("", "x", 3), "y", slog.GroupValue())
		},
		`{"a":"option","b":"option","g":{"y":2}}`: func(l *slog.Logger) { l.With("g", 1).WithGroup("g").Info("m", "y", 2) },
		`{"a":"option","b":"option","g":1}`:       func(l *slog.Logger) { l.With("g", 1).WithGroup("g").Info("m") },
		`{"b":"option","a":{"x":{"y":3}}}`: func(l *slog.Logger) {
			l.Info("m", slog.Group("a", "x", 1, slog.Group("x", "y", 2), slog.Group("x", "y", 3)))
		},
		`{"a":"option","b":"option","attr_level":"2"}`: func(l *slog.Logger) { l.Info("m", "attr_level", "1", "level", "2") },
		`{"a":"option","b":"option","g":{"level":1}}`:  func(l *slog.Logger) { l.Info("m", slog.Group("g", "level", 1)) },
	} {
		l, b := logger(t, o)
		log(l)
		got := body(t, b)
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestReplaceAttr(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	l, b := logger(t, logging.Options{Service: "orders", AddSource: true, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		seen[strings.Join(append(slices.Clone(groups), a.Key), ".")] = true
		switch a.Key {
		case "message":
			a.Key = "msg"
		case "drop", "source":
			return slog.Attr{}
		case "level":
			if a.Value.Any().(slog.Level) != slog.LevelInfo {
				t.Errorf("level %v", a.Value)
			}
		case "x":
			a.Value = slog.StringValue(strings.Join(groups, "/"))
		}
		return a
	}})
	l.With("bound", 1).WithGroup("g").With("x", 1).Info("hello", slog.Group("h", "x", 2, "drop", 3), "drop", 4)
	m := lines(t, b.Bytes())[0]
	if m["msg"] != "hello" || m["level"] != "INFO" || m["bound"] != 1.0 || fmt.Sprint(m["g"]) != "map[h:map[x:g/h] x:g]" || m["source"] != nil {
		t.Errorf("%s", b)
	}
	b.Reset()
	l.WithGroup("g").WithGroup("h").WithGroup("i").With("x", 1).Info("hello")
	if m := lines(t, b.Bytes())[0]; fmt.Sprint(m["g"]) != "map[h:map[i:map[x:g/h/i]]]" {
		t.Errorf("got g=%v, want the groups from the outermost on", m["g"])
	}
	for _, want := range []string{"level", "message", "timestamp", "service", "source", "bound", "g.x", "g.h.x", "g.drop"} {
		if !seen[want] {
			t.Errorf("not asked about %s: %v", want, slices.Collect(maps.Keys(seen)))
		}
	}
	l, b = logger(t, logging.Options{ReplaceAttr: func([]string, slog.Attr) slog.Attr { return slog.Attr{} }})
	l.Info("m", "a", 1)
	if b.String() != "{}\n" {
		t.Errorf("%s", b)
	}
}

func TestAddSource(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{AddSource: true})
	l.Info("m", "source", "mine")
	m := lines(t, b.Bytes())[0]
	src, _ := m["source"].(map[string]any)
	if !strings.HasSuffix(fmt.Sprint(src["function"]), "TestAddSource") || !strings.HasSuffix(fmt.Sprint(src["file"]), "logging_test.go") || src["line"] == 0.0 || m["attr_source"] != "mine" {
		t.Errorf("%s", b)
	}
}

func TestTee(t *testing.T) {
	t.Parallel()
	var other bytes.Buffer
	l, b := logger(t, logging.Options{Tee: slog.NewJSONHandler(&other, &slog.HandlerOptions{Level: slog.LevelDebug})})
	l.With("a", 1).WithGroup("g").Debug("quiet", "b", 2)
	if b.Len() != 0 || !strings.Contains(other.String(), `"msg":"quiet","a":1,"g":{"b":2}`) {
		t.Errorf("ours %q, tee %q", b, &other)
	}
	l.Info("both")
	if !strings.Contains(b.String(), "both") || !strings.Contains(other.String(), "both") {
		t.Errorf("ours %q, tee %q", b, &other)
	}
}

type stackError struct{ pcs []uintptr }

func (*stackError) Error() string           { return "with a stack" }
func (e *stackError) StackTrace() []uintptr { return e.pcs }

// formattedError is like the errors of github.com/pkg/errors.
type formattedError struct{}

func (formattedError) Error() string { return "formatted" }
func (formattedError) Format(f fmt.State, _ rune) {
	io.WriteString(f, "formatted")
	if f.Flag('+') {
		io.WriteString(f, "\nmain.handle\n\t/src/main.go:12")
	}
}

type bytesStackError struct{}

func (bytesStackError) Error() string { return "b" }
func (bytesStackError) Stack() []byte { return []byte("line 1\nline 2") }

// endlessError is a tree without leaves.
type endlessError struct{}

func (endlessError) Error() string   { return "endless" }
func (endlessError) Unwrap() []error { return []error{endlessError{}, nil, endlessError{}} }

func TestErrors(t *testing.T) {
	t.Parallel()
	inner := errors.New("inner")
	for want, err := range map[string]error{
		`{"message":"inner","type":"*errors.errorString"}`:                                                                                                                                             inner,
		`{"message":"b","type":"logging_test.bytesStackError","stack":"line 1\nline 2"}`:                                                                                                               bytesStackError{},
		`{"message":"formatted","type":"logging_test.formattedError","stack":"main.handle\n\t/src/main.go:12"}`:                                                                                        formattedError{},
		`{"message":"outer: inner","type":"*fmt.wrapError","cause":{"message":"inner","type":"*errors.errorString"}}`:                                                                                  fmt.Errorf("outer: %w", inner),
		`{"message":"inner\nb","type":"*errors.joinError","causes":[{"message":"inner","type":"*errors.errorString"},{"message":"b","type":"logging_test.bytesStackError","stack":"line 1\nline 2"}]}`: errors.Join(inner, bytesStackError{}),
		`{"message":"a inner b inner","type":"*fmt.wrapErrors","causes":[{"message":"inner","type":"*errors.errorString"},{"message":"inner","type":"*errors.errorString"}]}`:                          fmt.Errorf("a %w b %w", inner, inner),
	} {
		l, b := logger(t, logging.Options{})
		l.Error("m", "err", err)
		if got := body(t, b); got != `{"err":`+want+"}" {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	pcs := make([]uintptr, 8)
	l, b := logger(t, logging.Options{})
	l.Error("m", "err", &stackError{pcs[:runtime.Callers(1, pcs)]})
	if !strings.Contains(b.String(), `"stack":"github.com/lambdakit/lambdakit/logging_test.TestErrors\n\t`) {
		t.Errorf("%s", b)
	}
	l, b = logger(t, logging.Options{})
	l.Error("m", "err", endlessError{})
	if lines(t, b.Bytes()); b.Len() > 64_000 {
		t.Errorf("%d bytes", b.Len())
	}
}

func TestEventErrorKeepsTheEventOut(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	res := lambdatest.Run(t, lambdakit.Wrap(func(context.Context, struct{ N int }) (any, error) { return nil, nil }, logs.Middleware), `{"N":"hunter2"}`)
	if len(res.Logs) != 1 || res.Logs[0].Level() != "ERROR" || !strings.Contains(string(res.Output), "a JSON string does not fit the Go type int") {
		t.Errorf("%s", res.Output)
	}
	wrapped := fmt.Errorf("handler: %w", res.Err)
	l, b := logger(t, logging.Options{})
	l.Error("m", "err", res.Err, "wrapped", wrapped)
	if text := b.String() + string(res.Output); strings.Contains(text, "hunter2") || strings.Contains(text, "UnmarshalTypeError") {
		t.Errorf("%s", text)
	}
}

func TestLongLinesAreShortened(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]any{
		"a long string":   {"big", strings.Repeat("x", 200_000), "small", 1},
		"many escapes":    {"big", strings.Repeat("\"\n\x01é\u2028\U0001F600", 20_000), "small", 1},
		"a long value":    {"big", make([]int, 100_000), "small", 1},
		"a group":         {slog.Group("big", "a", strings.Repeat("x", 40_000), "b", strings.Repeat("y", 40_000)), "small", 1},
		"several strings": {"a", strings.Repeat("a", 70_000), "b", strings.Repeat("b", 70_000), "small", 1},
	} {
		l, b := logger(t, logging.Options{})
		l.Info(strings.Repeat("m", 100), args...)
		m := lines(t, b.Bytes())[0]
		if b.Len() > 64_000 || b.Len() < 60_000 || !strings.Contains(b.String(), "...[cut]") || m["small"] != 1.0 || m["log_bytes"] == nil || m["level"] != "INFO" || m["timestamp"] == nil {
			t.Errorf("%s: %d bytes: %.200s", name, b.Len(), b)
		}
	}
	var many []any
	for i := range 20_000 {
		many = append(many, fmt.Sprint("key", i), i)
	}
	l, b := logger(t, logging.Options{})
	l.Info("many", many...)
	if m := lines(t, b.Bytes())[0]; b.Len() > 64_000 || m["key1"] != 1.0 || m["message"] != "many" || m["!ERROR"] == nil {
		t.Errorf("%d bytes", b.Len())
	}
	for i := range 1000 {
		many[2*i+1] = strings.Repeat("x", 100)
	}
	l, b = logger(t, logging.Options{})
	l.Info("many", many[:2000]...)
	if m := lines(t, b.Bytes())[0]; b.Len() > 64_000 || m["key1"] == nil || m["message"] != "many" || m["log_bytes"] == nil {
		t.Errorf("%d bytes: %.200s", b.Len(), b)
	}
	l, b = logger(t, logging.Options{MaxLineBytes: 1000})
	l.Info(strings.Repeat("m", 992))
	if lines(t, b.Bytes()); b.Len() > 1000 {
		t.Errorf("%d bytes: %s", b.Len(), b)
	}
}

func TestTimeZones(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		tz   string
		loc  *time.Location
		want string
	}{
		{"", nil, "2026-07-01T12:00:00.000Z"},
		{":UTC", nil, "2026-07-01T12:00:00.000Z"},
		{"Etc/UTC", nil, "2026-07-01T12:00:00.000Z"},
		{"", time.FixedZone("x", 5*3600+1800), "2026-07-01T17:30:00.000+05:30"},
		{"No/Zone", time.FixedZone("x", -3600), "2026-07-01T11:00:00.000-01:00"},
		{"No/Zone", nil, "2026-07-01T12:00:00.000Z"},
	} {
		t.Setenv("TZ", c.tz)
		var b bytes.Buffer
		var reported []error
		h := logging.New(&logging.Options{Writer: &b, Location: c.loc, OnError: func(err error) { reported = append(reported, err) }})
		h.Handle(t.Context(), slog.NewRecord(at, slog.LevelInfo, "m", 0))
		if got := lines(t, b.Bytes())[0]["timestamp"]; got != c.want {
			t.Errorf("TZ %q: %v, want %v", c.tz, got, c.want)
		}
		if wantReport := c.tz == "No/Zone" && c.loc == nil; wantReport != (len(reported) == 1) {
			t.Errorf("TZ %q: reported %v", c.tz, reported)
		}
	}
}

func TestDevelopment(t *testing.T) {
	t.Setenv("POWERTOOLS_DEV", "true")
	l, b := logger(t, logging.Options{})
	l.Info("m", "a", map[string]int{"b": 1})
	if !strings.HasPrefix(b.String(), "{\n    \"level\": \"INFO\",\n") || !strings.HasSuffix(b.String(), "    \"a\": {\n        \"b\": 1\n    }\n}\n") {
		t.Errorf("%s", b)
	}
}

func TestFatal(t *testing.T) {
	t.Parallel()
	out, err := processtest.Command(t, "fatal").Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%v", err)
	}
	m := lines(t, out)
	if len(m) != 1 || m[0]["level"] != "FATAL" || m[0]["message"] != "cannot start" || fmt.Sprint(m[0]["error"]) != "map[message:no table type:*errors.errorString]" {
		t.Errorf("%s", out)
	}
	if source, _ := m[0]["source"].(map[string]any); !strings.HasSuffix(fmt.Sprint(source["file"]), "/process_test.go") {
		t.Errorf("got the source %v, want the place of the call", source)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteErrorsAreReportedOnce(t *testing.T) {
	t.Parallel()
	n := 0
	l := slog.New(logging.New(&logging.Options{Writer: failingWriter{}, OnError: func(error) { n++ }}))
	l.Info("a")
	l.Info("b")
	if n != 1 {
		t.Errorf("%d reports", n)
	}
}

func TestEachLineIsOneWrite(t *testing.T) {
	t.Parallel()
	w := new(countingWriter)
	l := slog.New(logging.New(&logging.Options{Writer: w}))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				l.Info("message", "a", strings.Repeat("x", 100))
			}
		})
	}
	wg.Wait()
	if w.writes != 800 {
		t.Errorf("%d writes", w.writes)
	}
}

// countingWriter would race if calls were not serialised.
type countingWriter struct{ writes int }

func (w *countingWriter) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("\n")) == 1 && p[0] == '{' && p[len(p)-1] == '\n' {
		w.writes++
	}
	return len(p), nil
}
