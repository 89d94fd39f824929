package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/logging"
)

// manyLines writes lines of every kind. They are the same in each call.
func manyLines(t *testing.T, o logging.Options) string {
	t.Helper()
	var b bytes.Buffer
	o.Writer, o.Service, o.SampleRate, o.CorrelationID = &b, "orders", new(1.0), logging.EventBridge
	o.Attrs = []slog.Attr{slog.String("stage", "prod"), slog.String("", "no name")}
	o.FromContext = func(ctx context.Context, dst []slog.Attr) []slog.Attr {
		return append(dst, slog.String("span_id", "s"), slog.String("correlation_id", "f"), slog.Group("from", "a", 1))
	}
	logs := logging.New(&o)
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	log := func(ctx context.Context, h slog.Handler, level slog.Level, message string, args ...any) {
		t.Helper()
		for _, at := range []time.Time{time.UnixMilli(1_700_000_000_123), {}} {
			if at.IsZero() && level != slog.LevelInfo { // the line would have the time of now
				continue
			}
			r := slog.NewRecord(at, level, message, pcs[0])
			r.Add(args...)
			if h.Enabled(ctx, level) {
				h.Handle(ctx, r)
			}
		}
	}
	var names []any
	for i := range 70 {
		names = append(names, fmt.Sprint("n", i), i)
	}
	all := func(ctx context.Context) {
		log(ctx, logs, slog.LevelInfo, "")
		log(ctx, logs, logging.LevelTrace, "message \"quoted\"\n\xff")
		log(ctx, logs, slog.LevelWarn+1, "scalars", "s", "x\x00\u2028é", "i", -1, "u", uint64(math.MaxUint64), "f", 1.5, "nan", math.NaN(), "b", true, "d", time.Second, "t", time.Unix(0, 7).UTC(), "nil", nil)
		log(ctx, logs, slog.LevelError, "values", "list", []any{1, "x", errors.New("e"), math.NaN()}, "map", map[string]any{"b": 1, "a": "<&>"}, "raw", json.RawMessage(`{"a": [1, "x\u00e9\n"]}`),
			"ints", []int{1, 2}, "text", []string{"a", "b"}, "struct", struct{ A, B any }{1, "x"}, "error", fmt.Errorf("a: %w", errors.New("b")), "bytes", []byte("abc"), "level2", slog.LevelInfo)
		log(ctx, logs, slog.LevelInfo, "groups", slog.Group("g", "a", 1, slog.Group("h", "b", 2, slog.Group("empty")), slog.Group("", "inline", 3), slog.Attr{}), slog.Group("g", "a", 2), "x", logValue(func() slog.Value {
			return slog.GroupValue(slog.Int("y", 1), slog.Any("z", logValue(func() slog.Value { return slog.StringValue("v") })))
		}))
		log(ctx, logs, slog.LevelInfo, "reserved", "level", "mine", "service", 1, "source", "mine", "correlation_id", "mine", slog.Group("message", "a", 1), slog.Group("g", "level", 1), "!ERROR", "mine", "ключ", 1, "q\"", 2)
		log(ctx, logs, slog.LevelInfo, "twice", "a", 1, "b", 2, "a", 3, "ключ", 1, "ключ", 2, "stage", "call", "span_id", "call")
		h := logs.WithAttrs([]slog.Attr{slog.Int("w", 1), slog.String("stage", "with"), slog.String("level", "with"), slog.String("correlation_id", "with")})
		log(ctx, h, slog.LevelInfo, "with", "w", 2)
		g := h.WithGroup("service").WithAttrs([]slog.Attr{slog.Int("level", 1), slog.Int("a", 1)}).WithGroup("h")
		log(ctx, g, slog.LevelInfo, "with groups", "a", 1, slog.Group("i", "a", 1))
		log(ctx, g, slog.LevelInfo, "with empty groups")
		log(ctx, logs.WithGroup("correlation_id"), slog.LevelInfo, "with an id as a group", "a", 1)
		log(ctx, logs, slog.LevelInfo, "many names", names...)
		log(ctx, logs, slog.LevelInfo, "deep", "v", endless{"e"})
		log(ctx, logs, slog.LevelInfo, "texts", "q", "a=b&c=%20d", "json", `{"a" : "b=c"}`, "base64", base64Of(`{"a":"b"}`), "url", "https://h/?a=b#c", "cut", `{"a":"x`)
	}
	all(t.Context())
	all(logging.With(t.Context(), "correlation_id", "outside", "a", 1))
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{FunctionName: "fn", FunctionVersion: "7", MemoryMB: 256})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "r-1", InvokedFunctionArn: "arn:x", TenantID: "acme"})
	ctx = traceheader.NewContext(ctx, "Root=1-2-3;Parent=4;Sampled=1")
	for _, event := range []string{`{"id":"e-1"}`, `{}`} {
		lambdakit.WrapFunc(func(ctx context.Context) {
			all(ctx)
			logging.Append(ctx, "stage", "appended", "n5", "appended", "list", []error{errors.New("x")}, slog.Group("g", "a", 1), "level", "appended")
			all(ctx)
			inner := logging.With(logging.With(ctx, "a", "outer", "stage", "context"), "a", "inner", "correlation_id", "c")
			all(inner)
			all(logging.With(inner, "correlation_id", ""))
			logging.SetCorrelationID(ctx, "set")
			logging.Remove(ctx, "list", "level")
			all(ctx)
			rctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1", Attempt: 2})
			all(rctx)
			end(nil)
		}, logs.Middleware).Invoke(ctx, []byte(event))
	}
	return b.String()
}

// Options that change nothing in these lines leave each byte as it is, although the lines are encoded in
// other ways.
func TestLines_AreTheSameInAllWays(t *testing.T) {
	t.Parallel()
	same := func(_ []string, a slog.Attr) slog.Attr { return a }
	for _, source := range []bool{false, true} {
		want := strings.Split(manyLines(t, logging.Options{AddSource: source}), "\n")
		lines(t, []byte(strings.Join(want, "\n")))
		if len(want) < 150 {
			t.Fatalf("got %d lines, want more", len(want))
		}
		for name, o := range map[string]logging.Options{"Redact": {Redact: []string{"hobby"}}, "ReplaceAttr": {ReplaceAttr: same}, "both": {Redact: []string{"hobby"}, ReplaceAttr: same}} {
			if source && name != "both" {
				continue
			}
			o.AddSource = source
			got := strings.Split(manyLines(t, o), "\n")
			if len(got) != len(want) {
				t.Fatalf("%s: got %d lines, want %d", name, len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%s, source %v:\ngot  %s\nwant %s", name, source, got[i], want[i])
				}
			}
		}
	}
}
