package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/processtest"
	"github.com/lambdakit/lambdakit/logging"
)

// functions are programs that the tests run as Lambda functions: this test binary
// starts itself again with the name of one in its environment.
var functions = map[string]func(){
	"log.Fatal": func() {
		slog.SetDefault(slog.New(logging.New(&logging.Options{Level: slog.LevelWarn})))
		log.Print("not this")
		slog.Info("nor this")
		log.Fatalf("no %s", "table")
	},
	"log.Fatal, buffered": func() {
		slog.SetDefault(slog.New(logging.New(&logging.Options{Level: slog.LevelWarn, Buffer: &logging.Buffer{}})))
		log.Print("not this")
		log.New(log.Writer(), "", 0).Fatal("no table")
	},
	"panic among others": func() {
		panicking := make(chan struct{})
		logs := logging.New(nil)
		slog.SetDefault(slog.New(logs))
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, what string) (string, error) {
			slog.InfoContext(ctx, what)
			if what == "panic" {
				close(panicking)
				panic("ouch")
			}
			<-panicking // the others succeed afterwards
			return what, nil
		}, logs.Middleware))
	},
	"answered": func() {
		logs := logging.New(nil)
		slog.SetDefault(slog.New(logs))
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, fail bool) (string, error) {
			err := errors.New("bad order")
			if fail {
				return "", err
			}
			lambdakit.FromContext(ctx).Fail(err)
			return "answer", nil
		}, logs.Middleware))
	},
	"fatal": func() {
		logging.New(&logging.Options{AddSource: true}).Fatal("cannot start", "error", errors.New("no table"))
	},
	"fatal, silent": func() {
		silent, _ := logging.ParseLevel("SILENT")
		logging.New(&logging.Options{Level: silent}).Fatal("cannot start")
	},
	"outcomes": outcomes,
	"outcomes, files": func() {
		log.SetFlags(log.Lshortfile)
		outcomes()
	},
	"concurrent": func() {
		logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}})
		slog.SetDefault(slog.New(logs))
		lambda.Start(lambdakit.Wrap(func(ctx context.Context, n int) (string, error) {
			logging.Append(ctx, slog.Int("n", n))
			slog.DebugContext(ctx, "held")
			slog.InfoContext(ctx, "line", "i", n)
			if n%100 == 0 {
				return "", &badOrder{fmt.Sprint(n)}
			}
			return fmt.Sprint("answer ", n), nil
		}, logs.Middleware))
	},
}

func outcomes() {
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}, MaxStackBytes: 4000})
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(func(ctx context.Context, what string) (string, error) {
		slog.DebugContext(ctx, "held", "what", what)
		slog.Info("without a context")
		switch what {
		case "sleep":
			<-ctx.Done()
			select {}
		case "panic":
			panic(errors.New("ouch"))
		case "error":
			return "", &badOrder{what}
		}
		return what, nil
	}, lambdakit.DeadlineMargin(2*time.Second), logs.Middleware)) // time for all lines on a busy machine
}

type badOrder struct{ id string }

func (e *badOrder) Error() string { return "bad order " + e.id }

// TestOutcomesInAProcess runs a function as Lambda does: with aws-lambda-go's loop
// around it, whose own lines about failures come out through slog as well.
func TestOutcomesInAProcess(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]struct {
		lines, errorType string
		timeout          time.Duration
	}{
		`"ok"`:    {"INFO without a context", "", time.Minute},
		`"error"`: {"INFO without a context; DEBUG held; ERROR invocation failed", "badOrder", time.Minute},
		`12`:      {"ERROR invocation failed", "EventError", time.Minute},
		`"panic"`: {"INFO without a context; DEBUG held; ERROR invocation panicked; INFO calling the handler function resulted in a panic, the process should exit", "errorString", time.Minute},
		`"sleep"`: {"INFO without a context; DEBUG held; ERROR invocation is about to time out; ERROR goroutines of the invocation that is about to time out", emulator.ErrorTimeout, 3 * time.Second},
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			e, out := processtest.Start(t, "outcomes", emulator.Config{Timeout: want.timeout})
			r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(event)})
			if err != nil {
				t.Fatal(err)
			}
			if r.ErrorType != want.errorType {
				t.Errorf("error type %q, want %q", r.ErrorType, want.errorType)
			}
			if want.errorType == "errorString" { // let the process come to its end
				e.Invoke(t.Context(), emulator.Event{Payload: []byte(`"ok"`)})
			}
			e.Close()
			var got []string
			for _, l := range lines(t, out.Bytes()) {
				if id := l["function_request_id"]; id != r.RequestID {
					if want.errorType == "errorString" && l["message"] == "without a context" {
						continue // of the second invocation
					}
					t.Errorf("line with request id %v, want %s", id, r.RequestID)
				}
				got = append(got, fmt.Sprint(l["level"], " ", l["message"]))
				if l["message"] == "goroutines of the invocation that is about to time out" && (len(fmt.Sprint(l["goroutines"])) > 4000 || !strings.Contains(fmt.Sprint(l["goroutines"]), "goroutine ")) {
					t.Errorf("got %v, want stacks of at most 4000 bytes", l)
				}
			}
			if s := strings.Join(got, "; "); s != want.lines {
				t.Errorf("got  %s\nwant %s", s, want.lines)
			}
		})
	}
}

// With the file in the flags of package log, slog says which code logged a line.
func TestOutcomesInAProcess_WithFilesInTheLog(t *testing.T) {
	t.Parallel()
	e, out := processtest.Start(t, "outcomes, files", emulator.Config{})
	if _, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`"error"`)}); err != nil {
		t.Fatal(err)
	}
	e.Close()
	if got := lines(t, out.Bytes()); len(got) != 3 || got[2]["message"] != "invocation failed" {
		t.Errorf("got %s, want one line about the failure behind the user's two", out.Bytes())
	}
}

// log.Fatal has the level INFO in slog, and is the last line of a process.
func TestLogFatalInAProcess(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"log.Fatal", "log.Fatal, buffered"} {
		cmd := processtest.Command(t, name)
		out, err := cmd.Output()
		if cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: got %v, want exit status 1", name, err)
		}
		if got := lines(t, out); len(got) != 1 || got[0]["message"] != "no table" || got[0]["level"] != "FATAL" {
			t.Errorf("%s: got %s, want one line at FATAL", name, out)
		}
	}
}

func TestFatal_ObeysTheLevel(t *testing.T) {
	t.Parallel()
	cmd := processtest.Command(t, "fatal, silent")
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 1 || len(out) != 0 {
		t.Errorf("got %q and %v, want no line and exit status 1", out, err)
	}
}

// The line that aws-lambda-go prints about a panic carries the id of no other invocation.
func TestPanicAmongOtherInvocationsInAProcess(t *testing.T) {
	t.Parallel()
	e, out := processtest.Start(t, "panic among others", emulator.Config{Concurrency: 4, Timeout: time.Minute})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { e.Invoke(t.Context(), emulator.Event{Payload: []byte(`"wait"`)}) })
	}
	out.WaitFor(`"message":"wait"`, 2)
	r, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`"panic"`)})
	if err != nil || r.ErrorType != "string" {
		t.Errorf("got %+v and %v, want a panic", r, err)
	}
	wg.Wait()
	out.WaitFor("resulted in a panic", 1)
	e.Close()
	seen := 0
	for _, l := range lines(t, out.Bytes()) {
		if !strings.Contains(fmt.Sprint(l["message"]), "panic") {
			continue
		}
		seen++
		if id := l["function_request_id"]; id != nil && id != r.RequestID {
			t.Errorf("got %v, want no id or the one of the panic", l)
		}
	}
	if seen < 3 { // the function's, the Middleware's, and the one of aws-lambda-go
		t.Errorf("got %d lines about the panic, want 3: %s", seen, out.Bytes())
	}
}

// An answered failure has a line of its own, and leaves that of a later failure alone.
func TestAnsweredFailureInAProcess(t *testing.T) {
	t.Parallel()
	e, out := processtest.Start(t, "answered", emulator.Config{Timeout: time.Minute})
	answered, err := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`false`)})
	if err != nil || string(answered.Payload) != `"answer"` {
		t.Errorf("got %+v and %v, want an answer", answered, err)
	}
	failed, _ := e.Invoke(t.Context(), emulator.Event{Payload: []byte(`true`)})
	e.Close()
	got := lines(t, out.Bytes())
	if len(got) != 2 || got[0]["function_request_id"] != answered.RequestID || got[1]["function_request_id"] != failed.RequestID {
		t.Fatalf("got %s, want a line for each", out.Bytes())
	}
	for _, l := range got {
		if l["level"] != "ERROR" || l["message"] != "invocation failed" {
			t.Errorf("got %v, want the failure", l)
		}
	}
}

// TestConcurrentInvocationsInAProcess looks for mixed responses and request ids.
// LAMBDAKIT_INVOCATIONS sets how many invocations it makes.
func TestConcurrentInvocationsInAProcess(t *testing.T) {
	t.Parallel()
	const workers = 8
	total := 2000
	if n, err := strconv.Atoi(os.Getenv("LAMBDAKIT_INVOCATIONS")); err == nil {
		total = n
	}
	e, out := processtest.Start(t, "concurrent", emulator.Config{Concurrency: workers, Timeout: time.Minute})
	ids := make([]string, total) // of the invocation with each number
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := w; n < total; n += workers {
				r, err := e.Invoke(t.Context(), emulator.Event{Payload: strconv.AppendInt(nil, int64(n), 10)})
				if err != nil {
					t.Error(err)
					return
				}
				ids[n] = r.RequestID
				switch {
				case n%100 == 0:
					if r.ErrorType != "badOrder" || r.ErrorMessage != fmt.Sprint("bad order ", n) {
						t.Errorf("%d: %+v", n, r)
					}
				case string(r.Payload) != fmt.Sprintf(`"answer %d"`, n):
					t.Errorf("%d: response %s", n, r.Payload)
				}
			}
		})
	}
	wg.Wait()
	e.Close()
	count := 0
	for text := range bytes.Lines(out.Bytes()) {
		var l struct {
			N, I    *int
			ID      string `json:"function_request_id"`
			Message string
			Error   struct{ Message string }
		}
		if err := json.Unmarshal(text, &l); err != nil || l.N == nil {
			t.Fatalf("%v: %s", err, text)
		}
		count++
		n := *l.N
		if l.ID != ids[n] || l.I != nil && *l.I != n || l.Error.Message != "" && l.Error.Message != fmt.Sprint("bad order ", n) {
			t.Errorf("invocation %d with id %s logged %s", n, ids[n], text)
		}
	}
	// One line each; two more where it failed: the held one and the error, once.
	if want := total + 2*((total+99)/100); count != want {
		t.Errorf("%d lines, want %d", count, want)
	}
	t.Logf("%d invocations, %d lines", total, count)
}
