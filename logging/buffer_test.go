package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// Lambda drops lines below its level, so the buffer need not hold them.
func TestBuffer_LevelOfLambdaWins(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
	var reported []string
	o := &logging.Options{Buffer: &logging.Buffer{}, OnError: func(err error) { reported = append(reported, err.Error()) }}
	res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
		if l.Enabled(ctx, slog.LevelDebug) {
			t.Error("got DEBUG enabled, want it off")
		}
		l.DebugContext(ctx, "d")
		return errors.New("fails")
	})
	if len(res.Logs) != 1 || len(reported) != 1 || !strings.Contains(reported[0], "buffering up to DEBUG cannot reach CloudWatch") {
		t.Errorf("got the lines %s and the reports %q, want the line of the failure and one report", res.Output, reported)
	}
}

// Lambda would drop the lines of a sampled invocation, so there is none.
func TestBuffer_HoldsIfTheLevelOfLambdaPreventsSampling(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "INFO")
	o := &logging.Options{SampleRate: new(1.0), Buffer: &logging.Buffer{Level: slog.LevelWarn}, OnError: func(error) {}}
	res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
		l.InfoContext(ctx, "held")
		return nil
	})
	if got := messages(res); got != "" {
		t.Errorf("got %s, want no line of a success", got)
	}
}

func TestBuffering(t *testing.T) {
	t.Parallel()
	buffered := &logging.Options{Buffer: &logging.Buffer{}}
	for name, c := range map[string]struct {
		o    *logging.Options
		fn   func(ctx context.Context, l *slog.Logger) error
		want string
	}{
		"dropped on success": {buffered, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			l.InfoContext(ctx, "i")
			return nil
		}, "INFO i"},
		"released by an error line, in order": {buffered, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d1")
			l.Log(ctx, logging.LevelTrace, "t1")
			l.InfoContext(ctx, "i")
			l.DebugContext(ctx, "d2")
			l.ErrorContext(ctx, "e")
			l.DebugContext(ctx, "d3")
			return nil
		}, "INFO i; DEBUG d1; TRACE t1; DEBUG d2; ERROR e"},
		"released by the handler's error": {buffered, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			return errors.New("x")
		}, "DEBUG d; ERROR invocation failed"},
		"released by a panic": {buffered, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			panic("x")
		}, "DEBUG d; ERROR invocation panicked"},
		"Flush": {buffered, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			logging.Flush(ctx)
			l.InfoContext(ctx, "i")
			return nil
		}, "DEBUG d; INFO i"},
		"up to WARN": {&logging.Options{Buffer: &logging.Buffer{Level: slog.LevelWarn}}, func(ctx context.Context, l *slog.Logger) error {
			l.InfoContext(ctx, "i")
			l.WarnContext(ctx, "w")
			return nil
		}, ""},
		"sampled": {&logging.Options{Buffer: &logging.Buffer{}, SampleRate: new(1.0)}, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			return nil
		}, "DEBUG d"},
		"too big": {&logging.Options{Buffer: &logging.Buffer{MaxBytes: 2000}}, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "small")
			l.DebugContext(ctx, "big", "x", strings.Repeat("x", 2000))
			return errors.New("x")
		}, "WARN a log line was too large to be held back and was written at once; raise Buffer.MaxBytes; DEBUG big; DEBUG small; ERROR invocation failed"},
		"evicted": {&logging.Options{Buffer: &logging.Buffer{MaxBytes: 2000}}, func(ctx context.Context, l *slog.Logger) error {
			for i := range 10 {
				l.DebugContext(ctx, fmt.Sprint("d", i), "x", strings.Repeat("x", 500))
			}
			return errors.New("x")
		}, "WARN some log lines are missing here: newer ones took their place in the buffer; raise Buffer.MaxBytes; DEBUG d8; DEBUG d9; ERROR invocation failed"},
	} {
		res := run(t, c.o, `{}`, c.fn)
		if got := messages(res); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestBufferBoundary(t *testing.T) {
	t.Parallel()
	// A line exactly as large as the buffer is held; one byte more is not.
	size := 0
	log := func(ctx context.Context, l *slog.Logger) { l.DebugContext(ctx, "m", "x", strings.Repeat("x", 700)) }
	run(t, &logging.Options{Level: slog.LevelDebug}, `{}`, func(ctx context.Context, l *slog.Logger) error { log(ctx, l); return nil })
	res := run(t, &logging.Options{Level: slog.LevelDebug}, `{}`, func(ctx context.Context, l *slog.Logger) error { log(ctx, l); return nil })
	size = len(res.Output)
	for spare, want := range map[int]string{0: "", -1: "WARN a log line was too large to be held back and was written at once; raise Buffer.MaxBytes; DEBUG m"} {
		res := run(t, &logging.Options{Buffer: &logging.Buffer{MaxBytes: size + spare}}, `{}`, func(ctx context.Context, l *slog.Logger) error { log(ctx, l); return nil })
		if got := messages(res); got != want {
			t.Errorf("%d bytes to spare: %s", spare, got)
		}
	}
}

func TestBufferedLinesKeepTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		res := run(t, &logging.Options{Buffer: &logging.Buffer{}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			time.Sleep(time.Second)
			l.ErrorContext(ctx, "e")
			return nil
		})
		if d, e := res.Logs[0]["timestamp"], res.Logs[1]["timestamp"]; d != "2000-01-01T00:00:00.000Z" || e != "2000-01-01T00:00:01.000Z" {
			t.Errorf("%v, %v", d, e)
		}
	})
}

func TestBuffer_AfterTheEndTheLevelOfTheHandlerCounts(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"success": func() error { return nil }, "failure": func() error { return errors.New("no stock") }, "panic": func() error { panic("ouch") },
	} {
		var b bytes.Buffer
		logs := logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}})
		l := slog.New(logs)
		var kept []context.Context
		lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			for i := range 2 { // a record that succeeds and one that fails
				rctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
				end([]error{nil, errors.New("no stock")}[i])
				kept = append(kept, rctx)
			}
			kept = append(kept, ctx)
			return fail()
		}, logs.Middleware), `{}`)
		b.Reset()
		for i, ctx := range kept {
			for level, want := range map[slog.Level]bool{slog.LevelDebug: false, slog.LevelInfo: true, slog.LevelError: true} {
				if got := l.Enabled(ctx, level); got != want {
					t.Errorf("%s, context %d at %v: got enabled %v, want %v", name, i, level, got, want)
				}
				l.Log(ctx, level, "after the end")
			}
		}
		if got, want := len(lines(t, b.Bytes())), 2*len(kept); got != want {
			t.Errorf("%s: got %d lines after the end, want %d", name, got, want)
		}
	}
}

func TestBuffer_LinesOfASuccessAreNotWrittenLater(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	var kept context.Context
	logs := logging.New(&logging.Options{Writer: &b, Buffer: &logging.Buffer{}})
	l := slog.New(logs)
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		l.DebugContext(ctx, "held")
		kept = ctx
	}, logs.Middleware), `{}`)
	l.ErrorContext(kept, "after the end")
	if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["message"] != "after the end" {
		t.Errorf("got %s, want the line after the end alone", &b)
	}
}

func TestBadBuffers(t *testing.T) {
	t.Parallel()
	for _, buffer := range []logging.Buffer{{Level: slog.LevelError}, {MaxBytes: -1}} {
		reported := 0
		logging.New(&logging.Options{Buffer: &buffer, OnError: func(error) { reported++ }})
		if reported != 1 {
			t.Errorf("%+v: reported %d times", buffer, reported)
		}
	}
}

// A buffer up to ERROR is one up to WARN, so it does not lower the Handler's level to ERROR.
func TestBuffer_UpToErrorIsUpToWarn(t *testing.T) {
	t.Parallel()
	o := &logging.Options{Level: logging.LevelFatal, Buffer: &logging.Buffer{Level: slog.LevelError}, OnError: func(error) {}}
	res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
		l.ErrorContext(ctx, "e")
		l.WarnContext(ctx, "w")
		logging.Flush(ctx)
		return nil
	})
	if got, want := messages(res), "WARN w"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesOutsideInvocationsAreNotHeld(t *testing.T) {
	l, b := logger(t, logging.Options{Level: slog.LevelDebug, Buffer: &logging.Buffer{Level: slog.LevelInfo}})
	l.Debug("d")
	l.Info("i")
	if n := len(lines(t, b.Bytes())); n != 2 {
		t.Errorf("%d lines", n)
	}
}

// The note about missing lines is written once, where they are missing.
func TestBuffer_EachGapHasOneNote(t *testing.T) {
	t.Parallel()
	res := run(t, &logging.Options{Buffer: &logging.Buffer{MaxBytes: 2000}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		for _, round := range []string{"a", "b", "c"} {
			for i := range 6 {
				if round != "b" || i < 2 {
					l.DebugContext(ctx, round+string(rune('0'+i)), "x", strings.Repeat("x", 500))
				}
			}
			logging.Flush(ctx)
			logging.Flush(ctx)
		}
		return nil
	})
	note := "WARN some log lines are missing here: newer ones took their place in the buffer; raise Buffer.MaxBytes; "
	if got, want := messages(res), note+"DEBUG a4; DEBUG a5; DEBUG b0; DEBUG b1; "+note+"DEBUG c4; DEBUG c5"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, l := range res.Logs {
		if l.Level() == "DEBUG" && l["x"] != strings.Repeat("x", 500) {
			t.Errorf("got %v, want the whole line", l)
		}
	}
}

func TestBuffer_HoldsTwentyKilobytes(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]bool{20480: true, 20481: false} {
		line := func(n int) *lambdatest.Result {
			return run(t, &logging.Options{Buffer: &logging.Buffer{}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
				l.DebugContext(ctx, "m", "x", strings.Repeat("x", n))
				logging.Flush(ctx)
				return nil
			})
		}
		rest := len(line(0).Output)
		if got := messages(line(size - rest)); (got == "DEBUG m") != want {
			t.Errorf("a line of %d bytes: got %q, want it held: %v", size, got, want)
		}
	}
}

func TestBuffer_LevelsBetweenTheNames(t *testing.T) {
	t.Parallel()
	for level := slog.Level(-9); level <= 3; level++ {
		for _, fails := range []bool{false, true} {
			res := run(t, &logging.Options{Buffer: &logging.Buffer{}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
				l.Log(ctx, level, "m")
				if fails {
					return errors.New("x")
				}
				return nil
			})
			want := level >= slog.LevelInfo || fails // TRACE is below DEBUG, and held with it
			if got := strings.Contains(messages(res), " m"); got != want {
				t.Errorf("level %d, fails %v: got %q, want written: %v", level, fails, messages(res), want)
			}
		}
	}
	for _, fails := range []bool{false, true} {
		o := &logging.Options{Level: logging.LevelTrace, Buffer: &logging.Buffer{Level: logging.LevelTrace}}
		res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
			l.Log(ctx, slog.LevelDebug-1, "of TRACE")
			l.Log(ctx, slog.LevelDebug, "of DEBUG")
			if fails {
				return errors.New("x")
			}
			return nil
		})
		want := "DEBUG of DEBUG"
		if fails {
			want += "; TRACE of TRACE; ERROR invocation failed"
		}
		if got := messages(res); got != want {
			t.Errorf("up to TRACE, fails %v: got %s, want %s", fails, got, want)
		}
	}
	res := run(t, &logging.Options{Level: slog.LevelError, Buffer: &logging.Buffer{Level: slog.LevelWarn}}, `{}`, func(ctx context.Context, l *slog.Logger) error {
		for level := slog.LevelWarn; level <= slog.LevelError; level++ {
			l.Log(ctx, level, fmt.Sprint(int(level)))
		}
		return nil
	})
	if got := messages(res); got != "WARN 4; WARN 5; WARN 6; WARN 7; ERROR 8" {
		t.Errorf("got %s, want all, the one at ERROR last", got)
	}
}
