package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// run invokes fn with a logger made of o and returns what came of it.
func run(t testing.TB, o *logging.Options, event any, fn func(ctx context.Context, l *slog.Logger) error) *lambdatest.Result {
	t.Helper()
	logs := logging.New(o)
	l := slog.New(logs)
	res := lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
		return nil, fn(ctx, l)
	}, logs.Middleware), event)
	lines(t, res.Output) // valid, without duplicates
	return res
}

func messages(res *lambdatest.Result) string {
	var all []string
	for _, l := range res.Logs {
		all = append(all, l.Level()+" "+l.Message())
	}
	return strings.Join(all, "; ")
}

func TestAppendAndRemove(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(ctx context.Context, l *slog.Logger) error {
		logging.Append(ctx, slog.String("a", "1"), slog.String("level", "mine"))
		l.InfoContext(ctx, "one")
		logging.Append(ctx, slog.String("b", "2"), slog.String("a", "3"), slog.Group("", slog.Int("inline", 1)))
		var wg sync.WaitGroup
		wg.Go(func() { logging.Append(ctx, slog.String("c", "goroutine")) })
		wg.Wait()
		//lint:ignore SA1029 any context below
		l.InfoContext(context.WithValue(ctx, "k", "v"), "two", "b", "call")
		logging.Remove(ctx, "a", "unknown")
		l.WithGroup("g").InfoContext(ctx, "three", "x", 1)
		return nil
	})
	one, two, three := res.Logs[0], res.Logs[1], res.Logs[2]
	if one["a"] != "1" || one["attr_level"] != "mine" || one["b"] != nil {
		t.Errorf("%v", one)
	}
	if two["a"] != "3" || two["b"] != "call" || two["c"] != "goroutine" || two["inline"] != 1.0 {
		t.Errorf("%v", two)
	}
	if three["a"] != nil || three["b"] != "2" || fmt.Sprint(three["g"]) != "map[x:1]" {
		t.Errorf("%v", three)
	}
}

func TestRemove_FindsFieldsByTheNamesThatAppendGot(t *testing.T) {
	t.Parallel()
	names := []string{"level", "source", "correlation_id", "plain", `quo"te`}
	for _, source := range []bool{false, true} {
		res := run(t, &logging.Options{AddSource: source}, `{}`, func(ctx context.Context, l *slog.Logger) error {
			for _, name := range names {
				logging.Append(ctx, name, "mine")
			}
			logging.Remove(ctx, names...)
			l.InfoContext(ctx, "m")
			return nil
		})
		if strings.Contains(string(res.Output), "mine") {
			t.Errorf("source %v: got %s, want none of the fields", source, res.Output)
		}
	}
}

// Without an invocation before: the process remembers the last one.
func TestAppendOutsideAnInvocationDoesNothing(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	l, b := logger(t, logging.Options{})
	for _, ctx := range []context.Context{context.Background(), nil} {
		logging.Append(ctx, slog.String("a", "1"))
		logging.Remove(ctx, "a")
		logging.SetCorrelationID(ctx, "c")
		logging.Flush(ctx)
		l.InfoContext(ctx, "m")
		if got, want := body(t, b), "{}"; got != want {
			t.Errorf("context %v: got %s, want %s", ctx, got, want)
		}
	}
}

func TestAppendIsBounded(t *testing.T) {
	t.Parallel()
	var reported []error
	res := run(t, &logging.Options{OnError: func(err error) { reported = append(reported, err) }}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		for i := range 100 {
			logging.Append(ctx, slog.String(fmt.Sprint("key", i), strings.Repeat("x", 1000)))
		}
		l.InfoContext(ctx, "m")
		return nil
	})
	if len(reported) == 0 || !strings.Contains(reported[0].Error(), "longer than a line") || len(res.Output) > 64_000 || res.Logs[0]["key1"] == nil {
		t.Errorf("%v, %d bytes", reported, len(res.Output))
	}
}

func TestOutcomesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	res := run(t, nil, `{}`, func(context.Context, *slog.Logger) error { return fmt.Errorf("charge: %w", os.ErrDeadlineExceeded) })
	e, _ := res.Logs[0]["error"].(map[string]any)
	if len(res.Logs) != 1 || messages(res) != "ERROR invocation failed" || e["message"] != "charge: i/o timeout" || e["cause"] == nil || res.Logs[0]["function_request_id"] != res.RequestID {
		t.Errorf("%s", res.Output)
	}
	res = run(t, nil, `{}`, func(context.Context, *slog.Logger) error { panic(fmt.Errorf("ouch")) })
	e, _ = res.Logs[0]["error"].(map[string]any)
	if messages(res) != "ERROR invocation panicked" || e["message"] != "ouch" || e["type"] != "*fmt.wrapError" && e["type"] != "*errors.errorString" || !strings.Contains(fmt.Sprint(e["stack"]), "TestOutcomesAreLoggedOnce") {
		t.Errorf("%s", res.Output)
	}
	res = run(t, &logging.Options{Level: logging.LevelFatal}, `{}`, func(context.Context, *slog.Logger) error { return errors.New("x") })
	if len(res.Logs) != 0 {
		t.Errorf("level FATAL: %s", res.Output)
	}
	res = run(t, nil, `{}`, func(context.Context, *slog.Logger) error { return &panickyError{} })
	if !strings.Contains(string(res.Output), "!PANIC: Error") {
		t.Errorf("%s", res.Output)
	}
}

func TestPanicInAStreamIsLogged(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	fn := lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) {
		return io.MultiReader(strings.NewReader("part"), panickyReader{}), nil
	}, logs.Middleware)
	res := lambdatest.Run(t, fn, `{}`)
	if res.Err == nil || messages(res) != "ERROR invocation panicked" {
		t.Errorf("%v: %s", res.Err, res.Output)
	}
}

type panickyReader struct{}

func (panickyReader) Read([]byte) (int, error) { panic("in Read") }

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		env      string // K=V pairs
		option   slog.Leveler
		want     string // lowest level written
		reported string // in the warning; empty: none
	}{
		{"", nil, "INFO", ""},
		{"", slog.LevelDebug, "DEBUG", ""},
		{"POWERTOOLS_LOG_LEVEL=debug", nil, "DEBUG", ""},
		{"POWERTOOLS_LOG_LEVEL=ERROR LOG_LEVEL=TRACE", nil, "ERROR", ""},
		{"LOG_LEVEL=Trace", nil, "TRACE", ""},
		{"POWERTOOLS_LOG_LEVEL=loud", nil, "INFO", `POWERTOOLS_LOG_LEVEL="loud"`},
		{"POWERTOOLS_LOG_LEVEL=loud LOG_LEVEL=WARN", nil, "WARN", `"loud"`},
		{"POWERTOOLS_LOG_LEVEL=ERROR", slog.LevelWarn, "WARN", ""},
		{"AWS_LAMBDA_LOG_LEVEL=WARN", nil, "WARN", ""}, // nobody asked for INFO
		{"AWS_LAMBDA_LOG_LEVEL=WARN POWERTOOLS_LOG_LEVEL=INFO", nil, "WARN", "level INFO cannot reach CloudWatch: the function's application log level (AWS_LAMBDA_LOG_LEVEL) is WARN"},
		{"AWS_LAMBDA_LOG_LEVEL=WARN POWERTOOLS_LOG_LEVEL=WARN", nil, "WARN", ""},
		{"AWS_LAMBDA_LOG_LEVEL=DEBUG", slog.LevelError, "DEBUG", ""}, // wins in both directions
		{"AWS_LAMBDA_LOG_LEVEL=FATAL POWERTOOLS_LOG_LEVEL=FATAL", nil, "FATAL", ""},
		{"AWS_LAMBDA_LOG_LEVEL=verbose", nil, "INFO", `AWS_LAMBDA_LOG_LEVEL="verbose"`},
		{"AWS_LAMBDA_LOG_FORMAT=JSON", slog.LevelDebug, "DEBUG", "ApplicationLogLevel"},
		{"AWS_LAMBDA_LOG_FORMAT=JSON", nil, "INFO", ""},
		{"AWS_LAMBDA_LOG_FORMAT=Text", slog.LevelDebug, "DEBUG", ""},
		{"POWERTOOLS_LOG_LEVEL=SILENT", nil, "", ""},
	} {
		t.Run(c.env, func(t *testing.T) {
			for _, kv := range strings.Fields(c.env) {
				k, v, _ := strings.Cut(kv, "=")
				t.Setenv(k, v)
			}
			var reported []string
			var b bytes.Buffer
			l := slog.New(logging.New(&logging.Options{Level: c.option, Writer: &b, OnError: func(err error) { reported = append(reported, err.Error()) }}))
			for level := slog.Level(-10); level <= 14; level++ {
				l.Log(t.Context(), level, "m")
			}
			got := ""
			if m := lines(t, b.Bytes()); len(m) > 0 {
				got = m[0]["level"].(string)
			}
			if got != c.want {
				t.Errorf("lowest level %q, want %q", got, c.want)
			}
			if c.reported == "" && len(reported) > 0 || c.reported != "" && (len(reported) != 1 || !strings.Contains(reported[0], c.reported)) {
				t.Errorf("reported %q, want %q", reported, c.reported)
			}
		})
	}
}

func TestParseLevel(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]slog.Level{
		"TRACE": logging.LevelTrace, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "WARNING": slog.LevelWarn,
		"ERROR": slog.LevelError, "FATAL": logging.LevelFatal, "CRITICAL": logging.LevelFatal, "info": slog.LevelInfo, " Error\n": slog.LevelError,
	} {
		if got, err := logging.ParseLevel(name); got != want || err != nil {
			t.Errorf("%q: got %v, %v, want %v", name, got, err, want)
		}
	}
	if got, err := logging.ParseLevel("silent"); got <= logging.LevelFatal || err != nil {
		t.Errorf("silent: got %v, %v, want a level above FATAL", got, err)
	}
	if got, err := logging.ParseLevel("loud"); err == nil || !strings.Contains(err.Error(), `level "loud" is none of TRACE`) {
		t.Errorf("loud: got %v, %v, want an error with the name", got, err)
	}
}

func TestLevelNamesAndChanges(t *testing.T) {
	t.Parallel()
	v := new(slog.LevelVar)
	l, b := logger(t, logging.Options{Level: v})
	l.Debug("no")
	v.Set(logging.LevelTrace)
	for _, level := range []slog.Level{-8, -5, -4, -1, 0, 3, 4, 8, 11, 12, 99} {
		l.Log(t.Context(), level, "m")
	}
	var got []string
	for _, m := range lines(t, b.Bytes()) {
		got = append(got, m["level"].(string))
	}
	if s := strings.Join(got, " "); s != "TRACE TRACE DEBUG DEBUG INFO INFO WARN ERROR ERROR FATAL FATAL" {
		t.Error(s)
	}
}

func TestCorrelationIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source      func([]byte) string
		event, want string
	}{
		{logging.APIGatewayREST, `{"requestContext":{"a":[],"requestId":"r"}}`, "r"},
		{logging.APIGatewayHTTP, `{"requestContext":{"requestId":"r\u00e9"}}`, "ré"},
		{logging.FunctionURL, `{"requestContext":{"requestId":"r"}}`, "r"},
		{logging.AppSyncAuthorizer, `{"requestContext":{"requestId":"r"}}`, "r"},
		{logging.AppSyncResolver, `{"request":{"headers":{"x-amzn-trace-id":"t"}}}`, "t"},
		{logging.ALB, `{"headers":{"x-amzn-trace-id":"t"}}`, "t"},
		{logging.VPCLattice, `{"headers":{"x-amzn-trace-id":["t","u"]}}`, "t"},
		{logging.EventBridge, `{"id":"e"}`, "e"},
		{logging.S3ObjectLambda, `{"xAmzRequestId":"x"}`, "x"},
		{logging.CorrelationPath(`detail.order."id.x"`), `{"detail":{"order":{"id.x":12}}}`, "12"},
		{logging.CorrelationPath(`Records[1].messageId`), `{"Records":[{},{"messageId":"m"}]}`, "m"},
		{func(event []byte) string { return fmt.Sprint("len ", len(event)) }, `{}`, "len 2"},
		{logging.EventBridge, `{"id":null}`, ""},
		{logging.EventBridge, `[]`, ""},
		{logging.EventBridge, `{"id":"` + strings.Repeat("x", 5000) + `"}`, strings.Repeat("x", 1024)},
	} {
		o := &logging.Options{CorrelationID: c.source, OnError: func(err error) { t.Errorf("%.60s: got the report %v, want none", c.event, err) }}
		res := run(t, o, c.event, func(ctx context.Context, l *slog.Logger) error {
			l.InfoContext(ctx, "m")
			logging.SetCorrelationID(ctx, "other")
			l.InfoContext(ctx, "m")
			return nil
		})
		got, ok := res.Logs[0]["correlation_id"]
		if c.want == "" && ok || c.want != "" && got != c.want || res.Logs[1]["correlation_id"] != "other" {
			t.Errorf("%.60s: %v", c.event, got)
		}
	}
	reported := 0
	run(t, &logging.Options{CorrelationID: func([]byte) string { panic("x") }, OnError: func(error) { reported++ }}, `{}`, func(context.Context, *slog.Logger) error { return nil })
	if reported != 1 {
		t.Errorf("a panic was reported %d times", reported)
	}
}

func TestCorrelationPath_PanicsIfThePathIsMalformed(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "logging: CorrelationPath: ") {
			t.Errorf("got the panic %q, want one of CorrelationPath", got)
		}
	}()
	logging.CorrelationPath("detail..id")
}

func TestSampling(t *testing.T) {
	t.Parallel()
	count := func(rate float64, n int) int {
		logs := logging.New(&logging.Options{SampleRate: &rate})
		l := slog.New(logs)
		h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			l.DebugContext(ctx, "d")
			l.Log(ctx, logging.LevelTrace, "t")
		}, logs.Middleware), nil)
		sampled := 0
		for range n {
			if res := h.Invoke(`{}`); len(res.Logs) == 1 && res.Logs[0]["sampling_rate"] == rate {
				sampled++
			} else if len(res.Logs) > 1 {
				t.Fatalf("%s", res.Output)
			}
		}
		return sampled
	}
	if n := count(1, 20); n != 20 {
		t.Errorf("rate 1: %d of 20", n)
	}
	if n := count(0, 20); n != 0 {
		t.Errorf("rate 0: %d of 20", n)
	}
	// 10,000 at 0.01: mean 100, deviation 10; eight deviations either way.
	if n := count(0.01, 10_000); n < 20 || n > 180 {
		t.Errorf("rate 0.01: %d of 10000", n)
	}
}

func TestSampleRateFromEnvironment(t *testing.T) {
	for text, want := range map[string]string{"1": "", "0.5": "", "2": "POWERTOOLS_LOGGER_SAMPLE_RATE 2 is not a rate", "x": "not a number", "-1": "not a rate", "NaN": "not a rate"} {
		t.Setenv("POWERTOOLS_LOGGER_SAMPLE_RATE", text)
		got := ""
		logging.New(&logging.Options{OnError: func(err error) { got += err.Error() }})
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: reported %q", text, got)
		}
	}
	t.Setenv("POWERTOOLS_LOGGER_SAMPLE_RATE", "1")
	debug := func(ctx context.Context, l *slog.Logger) error { l.DebugContext(ctx, "d"); return nil }
	for want, rate := range map[string]*float64{"DEBUG d": nil, "": new(0.0)} {
		if got := messages(run(t, &logging.Options{SampleRate: rate}, `{}`, debug)); got != want {
			t.Errorf("option %v: got %q, want %q", rate, got, want)
		}
	}
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
	var reported []string
	o := &logging.Options{OnError: func(err error) { reported = append(reported, err.Error()) }}
	res := run(t, o, `{}`, debug)
	if len(res.Logs) != 0 || len(reported) != 1 || !strings.Contains(reported[0], "sampling to DEBUG cannot reach CloudWatch") {
		t.Errorf("AWS_LAMBDA_LOG_LEVEL does not win: %s %v", res.Output, reported)
	}
}

func TestNearDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}, MaxStackBytes: -1})
		l := slog.New(logs)
		h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			l.DebugContext(ctx, "held")
			<-ctx.Done()
			synctest.Wait()
			l.DebugContext(ctx, "late")
			return nil
		}, logs.Middleware), &lambdatest.Options{Timeout: time.Second})
		res := h.Invoke(`{}`)
		if got := messages(res); got != "DEBUG held; ERROR invocation is about to time out; DEBUG late" {
			t.Fatalf("%s", got)
		}
		alarm := res.Logs[1]
		if n, _ := alarm["goroutine_count"].(float64); n < 2 || alarm["goroutines"] != nil || alarm["remaining_ms"] != 100.0 || alarm["function_request_id"] != res.RequestID {
			t.Errorf("%v", alarm)
		}
	})
}

// Not parallel: Shutdown is for all invocations of the process.
func TestShutdown_HasOneLineWithoutStacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // Shutdown waits for 250 ms only
		logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}})
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			slog.New(logs).DebugContext(ctx, "held")
			lambdakit.Shutdown()
		}, logs.Middleware), `{}`)
		if got, want := messages(res), "DEBUG held; ERROR the execution environment is shutting down before the invocation is done"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestLogRequest_WritesOneLineIfAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, asked := range []bool{false, true} {
			logs := logging.New(&logging.Options{LogRequest: asked})
			res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
				lambdakit.FromContext(ctx).SetHTTP(lambdakit.HTTPExchange{Method: "GET", Route: "/orders", Status: 201})
				time.Sleep(1500 * time.Microsecond)
			}, logs.Middleware), `{}`)
			if !asked {
				if len(res.Logs) > 0 {
					t.Errorf("not asked for: got %s, want no line", res.Output)
				}
				continue
			}
			if got, want := messages(res), "INFO HTTP request"; got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
			wantFields(t, res.Logs[0], "http_method", "GET", "http_route", "/orders", "http_status", 201, "duration_ms", 1.5)
		}
	})
}

// A Handler without Middleware does not know when the invocation began.
func TestLogRequest_NeedsTheMiddleware(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(&logging.Options{LogRequest: true}))
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		l.InfoContext(ctx, "m")
		lambdakit.FromContext(ctx).SetHTTP(lambdakit.HTTPExchange{Method: "GET", Route: "/orders", Status: 200})
	}), `{}`)
	if got, want := messages(res), "INFO m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLogResponse_NeedsTheMiddleware(t *testing.T) {
	t.Parallel()
	l := slog.New(logging.New(&logging.Options{LogResponse: true}))
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) (string, error) {
		l.InfoContext(ctx, "m")
		return "response", nil
	}), `{}`)
	if got, want := messages(res), "INFO m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLogEventAndResponse(t *testing.T) {
	t.Parallel()
	o := &logging.Options{LogEvent: new(true), LogResponse: true, Redact: []string{"password", "token"}}
	logs := logging.New(o)
	h := lambdakit.Wrap(func(_ context.Context, v any) (any, error) { return v, nil }, logs.Middleware)
	res := lambdatest.Run(t, h, "{\n  \"a\": [1, {\"Password\": \"hunter2\"}],\n  \"token\": {\"x\": \"hunter2\"} }")
	if messages(res) != "INFO Lambda invocation event; INFO Lambda invocation response" || strings.Contains(string(res.Output), "hunter2") {
		t.Errorf("%s", res.Output)
	}
	const want = `{"a":[1,{"Password":"[redacted]"}],"token":"[redacted]"}`
	for i, key := range []string{"event", "response"} {
		if got, _ := json.Marshal(res.Logs[i][key]); string(got) != want {
			t.Errorf("%s: %s", key, got)
		}
	}
	big := lambdatest.Run(t, h, `{"big":"`+strings.Repeat("x", 300_000)+`"}`)
	if len(big.Logs) != 2 || len(big.Output) > 2*64_000 || !strings.Contains(string(big.Output), "...[cut]") {
		t.Errorf("%d bytes", len(big.Output))
	}
	bad := lambdatest.Run(t, h, `{"password":"hunter2`)
	if strings.Contains(string(bad.Output), "hunter2") || messages(bad) != "INFO Lambda invocation event; ERROR invocation failed" {
		t.Errorf("%s", bad.Output)
	}
	plain := lambdatest.Run(t, lambdakit.WrapFunc(func() {}, logging.New(nil).Middleware), `{}`)
	if len(plain.Logs) != 0 {
		t.Errorf("not asked for: %s", plain.Output)
	}
	stream := lambdatest.Run(t, lambdakit.WrapStream(func(context.Context, any) (io.Reader, error) { return strings.NewReader("x"), nil }, logs.Middleware), `{}`)
	if stream.Logs[1]["response"] != "[stream]" {
		t.Errorf("%s", stream.Output)
	}
}

// An event takes three quarters of a line at most.
func TestLogEvent_BeginsToBeCutBehindTheLimit(t *testing.T) {
	t.Parallel()
	const most = 1500
	for size, want := range map[int]string{most: `"event":{"x":"yyy`, most + 1: `"event":"{\"x\":\"yyy`} {
		logs := logging.New(&logging.Options{LogEvent: new(true), MaxLineBytes: most / 3 * 4})
		event := `{"x":"` + strings.Repeat("y", size-len(`{"x":""}`)) + `"}`
		res := lambdatest.Run(t, lambdakit.WrapFunc(func() {}, logs.Middleware), event)
		if lines(t, res.Output); !strings.Contains(string(res.Output), want) {
			t.Errorf("an event of %d bytes: got %.400s, want %s", size, res.Output, want)
		}
	}
}

func TestLogEventFromEnvironment(t *testing.T) {
	t.Setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
	nothing := func(context.Context, *slog.Logger) error { return nil }
	if res := run(t, nil, `{"a":1}`, nothing); len(res.Logs) != 1 {
		t.Errorf("%s", res.Output)
	}
	if res := run(t, &logging.Options{LogEvent: new(false)}, `{"a":1}`, nothing); len(res.Logs) != 0 {
		t.Errorf("code does not win: %s", res.Output)
	}
	t.Setenv("POWERTOOLS_LOGGER_LOG_EVENT", "perhaps")
	reported := ""
	if res := run(t, &logging.Options{OnError: func(err error) { reported = err.Error() }}, `{}`, nothing); len(res.Logs) != 0 || !strings.Contains(reported, `POWERTOOLS_LOGGER_LOG_EVENT="perhaps"`) {
		t.Errorf("%s, %q", res.Output, reported)
	}
}

type card struct {
	Number string `json:"number"`
	CVC    lambdakit.Secret
	inner  lambdakit.Secret
}

func TestRedactionAndSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	l, b := logger(t, logging.Options{Redact: []string{"Password", "number", ""}, Attrs: []slog.Attr{slog.String("password", secret)}})
	s := lambdakit.NewSecret(secret)
	c := card{secret, s, s}
	l.With("PASSWORD", secret).WithGroup("g").Info("m", "password", valuer{slog.StringValue(secret)},
		slog.Group("in", "password", map[string]int{secret: 1}), slog.Group("password", "x", secret), "card", c, "cards", []*card{&c},
		"secret", s, "text", fmt.Sprintf("%v %s %q %x %#v %+v %v", s, s, s, s, s, card{"4111", s, s}, &card{"4111", s, s}), "pointer", &s, "map", map[string]any{"s": s, "password": 1})
	lines(t, b.Bytes())
	if strings.Contains(b.String(), secret) || strings.Count(b.String(), "[redacted]") < 12 || strings.Contains(b.String(), fmt.Sprintf("%x", secret)) {
		t.Errorf("%s", b)
	}
	if s.Reveal() != secret || (lambdakit.Secret{}).Reveal() != "" {
		t.Error("Reveal")
	}
	var decoded card
	if err := json.Unmarshal([]byte(`{"CVC":"hunter2"}`), &decoded); err != nil || decoded.CVC.Reveal() != secret {
		t.Errorf("%v", err)
	}
	_ = c.inner
}

func TestGoroutineThatOutlivesItsInvocation(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	release := make(chan struct{})
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}})
	l := slog.New(logs)
	h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
		wg.Go(func() {
			<-release
			l.InfoContext(ctx, "after the end")
			l.DebugContext(ctx, "below the level")
			logging.Append(ctx, slog.Int("x", 1))
			logging.Flush(ctx)
		})
	}, logs.Middleware), nil)
	first := h.Invoke(`{}`)
	second := h.Invoke(`{}`)
	close(release)
	wg.Wait()
	m := lines(t, b.Bytes())
	if len(m) != 2 && len(m) != 1 {
		t.Fatalf("%s", &b)
	}
	for _, line := range m {
		if id := line["function_request_id"]; id != first.RequestID && id != second.RequestID || line["message"] != "after the end" {
			t.Errorf("%v", line)
		}
	}
}

func TestConcurrentInvocationsKeepTheirFields(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}})
	l := slog.New(logs)
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, n int) (int, error) {
		logging.Append(ctx, slog.Int("n", n))
		for i := range 5 {
			l.DebugContext(ctx, "d", "i", i, "m", n)
		}
		l.InfoContext(ctx, "i", "m", n)
		if n%2 == 0 {
			return 0, errors.New("even")
		}
		return n, nil
	}, logs.Middleware), nil)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 50 {
				n := worker*50 + i
				res := h.Invoke(n)
				want := 1
				if n%2 == 0 {
					want = 7
				}
				if len(res.Logs) != want {
					t.Errorf("%d: %d lines", n, len(res.Logs))
				}
				for _, line := range res.Logs {
					if line["function_request_id"] != res.RequestID || line["n"] != float64(n) || line["m"] != nil && line["m"] != float64(n) {
						t.Errorf("%d: %v", n, line)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestTwoHandlersInOneInvocation(t *testing.T) {
	t.Parallel()
	var b1, b2 bytes.Buffer
	one, two := logging.New(&logging.Options{Writer: &b1, Service: "one"}), logging.New(&logging.Options{Writer: &b2, Service: "two"})
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, slog.Int("x", 1))
		slog.New(one).InfoContext(ctx, "m")
		slog.New(two).InfoContext(ctx, "m")
	}, one.Middleware, two.Middleware), `{}`)
	for service, b := range map[string]*bytes.Buffer{"one": &b1, "two": &b2} {
		if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["service"] != service || m[0]["x"] != 1.0 || m[0]["function_request_id"] == nil {
			t.Errorf("%s", b)
		}
	}
}
