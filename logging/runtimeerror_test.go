package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/logging"
)

func TestStandardLogAndRuntimeErrors(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	flags, out := log.Flags(), log.Writer()
	defer func() { log.SetFlags(flags); log.SetOutput(out) }()

	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	slog.SetDefault(slog.New(logs))
	log.Print("from a library")
	if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["message"] != "from a library" || m[0]["level"] != "INFO" {
		t.Errorf("%s", &b)
	}
	b.Reset()

	// The line that aws-lambda-go prints after the handler returned.
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	lambdakit.WrapFunc(func(context.Context) error { return errors.New("boom <1>") }, logs.Middleware).Invoke(ctx, nil)
	log.Printf("%s", `{"errorMessage":"boom \u003c1\u003e","errorType":"errorString"}`)
	m := lines(t, b.Bytes())
	if len(m) != 1 || m[0]["level"] != "ERROR" || m[0]["function_request_id"] != "r-1" || m[0]["message"] != "invocation failed" {
		t.Errorf("the error is not written once:\n%s", &b)
	}
	b.Reset()

	// Behind a prefix, and with bytes that JSON replaced.
	log.SetPrefix("function: ")
	lambdakit.WrapFunc(func(context.Context) error { return errors.New("bad byte \xff") }, logs.Middleware).Invoke(ctx, nil)
	log.Printf("%s", "{\"errorMessage\":\"bad byte \uFFFD\",\"errorType\":\"errorString\"}")
	log.SetPrefix("")
	if m := lines(t, b.Bytes()); len(m) != 1 {
		t.Errorf("the error is not written once:\n%s", &b)
	}
	b.Reset()

	// Of the value of a panic the type counts, also where an error stands for another.
	for _, v := range []any{errors.New("oh"), "oh", storedError{errors.New("oh")}} {
		func() {
			defer func() { recover() }()
			lambdakit.WrapFunc(func() { panic(v) }, logs.Middleware).Invoke(ctx, nil)
		}()
		kind := strings.TrimPrefix(fmt.Sprintf("%T", v), "*errors.")
		log.Printf(`{"errorMessage":"oh","errorType":%q,"stackTrace":[]}`, strings.TrimPrefix(kind, "logging_test."))
		if m := lines(t, b.Bytes()); len(m) != 1 {
			t.Errorf("the panic is not written once:\n%s", &b)
		}
		b.Reset()
	}

	// Without the middleware having seen it.
	log.Printf("%s", `{"errorMessage":"failed to parse deadline","errorType":"errorString","stackTrace":[{"path":"p.go","line":3,"label":"f"}]}`)
	m = lines(t, b.Bytes())
	if len(m) != 1 || m[0]["level"] != "ERROR" || fmt.Sprint(m[0]["error"]) != "map[message:failed to parse deadline stack:f\n\tp.go:3 type:errorString]" || m[0]["function_request_id"] != "r-1" {
		t.Errorf("%s", &b)
	}
}

func TestRuntimeErrors_LinesWithAttributesAreOthers(t *testing.T) {
	t.Parallel()
	const message = `{"errorMessage":"x","errorType":"y"}`
	l, b := logger(t, logging.Options{})
	l.Info(message, "a", 1)
	wantFields(t, lines(t, b.Bytes())[0], "level", "INFO", "message", message, "a", 1, "error", nil)
}

type storedError struct{ error }

func (storedError) ErrorType(errtype.Mark) string { return "another" }

// printLog logs text as package log does after slog.SetDefault, where aws-lambda-go prints errors.
func printLog(h slog.Handler, text string) {
	h.Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelInfo, text, 0))
}

// A function may log the answer of another one that failed.
func TestRuntimeErrors_LinesOfTheUserStay(t *testing.T) {
	t.Parallel()
	const answer = `{"errorMessage":"card declined","errorType":"Declined"}`
	for _, addSource := range []bool{false, true} {
		l, b := logger(t, logging.Options{AddSource: addSource})
		l.Warn(answer)
		l.InfoContext(t.Context(), "payments answered "+answer)
		m := lines(t, b.Bytes())
		wantFields(t, m[0], "message", answer, "level", "WARN")
		wantFields(t, m[1], "message", "payments answered "+answer, "level", "INFO")
	}
}

// aws-lambda-go may print an error behind the prefixes of the log package.
func TestRuntimeErrors_AreRecognizedBehindAPrefix(t *testing.T) {
	t.Parallel()
	const message = `{"errorMessage":"no stock","errorType":"T"}`
	for text, want := range map[string]string{
		message:                            "invocation failed",
		strings.Repeat("p", 240) + message: "invocation failed", // its start is in the first 256 bytes
		strings.Repeat("p", 241) + message: "",
		message + "x":                      "",
		message[:len(message)-1]:           "",
		`{"errorMessage":}`:                "",
		`{"errorMessage":1}`:               "",
		`{"errorMessage":"a"`:              "",
		`{"errorMessage":`:                 "",
		`{"errorType":"T"}`:                "",
	} {
		if want == "" {
			want = text
		}
		l, b := logger(t, logging.Options{})
		printLog(l.Handler(), text)
		m := lines(t, b.Bytes())[0]
		level := "INFO"
		if want == "invocation failed" {
			level = "ERROR"
			wantFields(t, m, "error", "map[message:no stock type:T]")
		}
		wantFields(t, m, "message", want, "level", level)
	}
}

// Only the text that was awaited is left out, once for each time.
func TestRuntimeErrors_OthersAreWritten(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logs := logging.New(&logging.Options{Writer: &b})
	fn := lambdakit.WrapFunc(func() error { return errors.New("no stock") }, logs.Middleware)
	for range 2 {
		fn.Invoke(t.Context(), []byte(`{}`))
	}
	b.Reset()
	for i, c := range []struct {
		text string
		want int
	}{
		{`{"errorMessage":"no stock","errorType":"other"}`, 1}, {`{"errorMessage":"other","errorType":"errorString"}`, 1},
		{`{"errorMessage":"no stock","errorType":"errorString"}`, 0}, {`{"errorMessage":"no stock","errorType":"errorString"}`, 0},
		{`{"errorMessage":"no stock","errorType":"errorString"}`, 1},
	} {
		b.Reset()
		printLog(logs, c.text)
		if got := len(lines(t, b.Bytes())); got != c.want {
			t.Errorf("line %d: got %d lines about %s, want %d", i, got, c.text, c.want)
		}
	}
}
