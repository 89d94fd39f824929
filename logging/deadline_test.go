package logging_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// alone reports whether no other test runs in the process. Otherwise it runs the test in a process of its
// own: stacks are not written if there are many goroutines, and each test that waits has one.
func alone(t *testing.T) bool {
	t.Helper()
	const name = "LOGGING_TEST_ALONE"
	if os.Getenv(name) != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), name+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("got %v, want the test to pass alone:\n%s", err, out)
	}
	return false
}

func TestJoin_OneDeadlineLineByTheFirstMiddleware(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		one := logging.New(nil)
		two := logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}})
		h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			slog.New(two).DebugContext(ctx, "held")
			<-ctx.Done()
			synctest.Wait()
		}, one.Middleware, two.Middleware), &lambdatest.Options{Timeout: time.Second})
		res := h.Invoke(`{}`)
		if got, want := messages(res), "ERROR invocation is about to time out; DEBUG held; ERROR goroutines of the invocation that is about to time out"; got != want {
			t.Errorf("both Handlers: got %s, want %s", got, want)
		}
		if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["message"] != "held" {
			t.Errorf("second Handler: got %s, want the line that was held", &b)
		}
	})
}

// The stacks are written at the level ERROR, in at most MaxStackBytes.
func TestNearDeadline_StacksObeyTheOptions(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	const late, stacks = "ERROR invocation is about to time out", "ERROR goroutines of the invocation that is about to time out"
	for _, c := range []struct {
		o    logging.Options
		want string
		most int
	}{
		{logging.Options{}, late + "; " + stacks, 32 << 10},
		{logging.Options{MaxStackBytes: 100}, late + "; " + stacks, 100},
		{logging.Options{MaxStackBytes: -1}, late, 0},
		{logging.Options{Level: logging.LevelFatal}, "", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			logs := logging.New(&c.o)
			h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
				<-ctx.Done()
				synctest.Wait()
			}, logs.Middleware), &lambdatest.Options{Timeout: time.Second})
			res := h.Invoke(`{}`)
			if got := messages(res); got != c.want {
				t.Fatalf("%+v: got %q, want %q", c.o, got, c.want)
			}
			if c.most > 0 {
				text, _ := res.Logs[1]["goroutines"].(string)
				if len(text) > c.most || len(text) < min(c.most, 200) || !strings.HasPrefix(text, "goroutine ") {
					t.Errorf("%+v: got stacks of %d bytes, want at most %d", c.o, len(text), c.most)
				}
			}
		})
	}
}

// The stacks come after everything else, and not at all if there are many goroutines.
func TestNearDeadline_ManyGoroutinesAreNotStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		for range 200 {
			go func() { <-release }()
		}
		logs := logging.New(nil)
		res := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) { <-ctx.Done() }, logs.Middleware), &lambdatest.Options{Timeout: time.Second}).Invoke(`{}`)
		if got := messages(res); got != "ERROR invocation is about to time out" {
			t.Fatalf("got %s, want one line", got)
		}
		if n, _ := res.Logs[0]["goroutine_count"].(float64); n < 200 {
			t.Errorf("got goroutine_count=%v, want at least 200", n)
		}
	})
}

// A line of a record is not held back after the deadline was near.
func TestNearDeadline_LaterLinesOfARecordAreNotHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for level, want := range map[slog.Level]string{slog.LevelInfo: "DEBUG held; ERROR invocation is about to time out; DEBUG late; DEBUG outside", logging.LevelFatal: "DEBUG late; DEBUG outside"} {
			logs := logging.New(&logging.Options{Level: level, Buffer: &logging.Buffer{}, MaxStackBytes: -1})
			res := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
				rctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
				slog.New(logs).DebugContext(rctx, "held")
				<-ctx.Done()
				synctest.Wait()
				slog.New(logs).DebugContext(rctx, "late")
				end(nil)
				slog.New(logs).DebugContext(ctx, "outside")
			}, logs.Middleware), &lambdatest.Options{Timeout: time.Second}).Invoke(`{}`)
			got := messages(res)
			if level == slog.LevelInfo { // the order of invocation and records is not fixed
				got = strings.Replace(got, "ERROR invocation is about to time out; DEBUG held", "DEBUG held; ERROR invocation is about to time out", 1)
			}
			if got != want {
				t.Errorf("%v: got %s, want %s", level, got, want)
			}
		}
	})
}
