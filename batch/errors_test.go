package batch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// secretive refuses what it decodes, with a text that repeats it.
type secretive struct{}

func (*secretive) UnmarshalJSON(b []byte) error { return fmt.Errorf("bad value %s", b) }

func TestDecodeError_DoesNotRepeatThePayload(t *testing.T) {
	t.Parallel()
	type inner struct {
		Password int `json:"password"`
	}
	var reason error
	letters := batch.DeadLetterFunc(func(_ context.Context, l batch.Letter) error {
		reason = l.Reason
		return nil
	})
	logs := logging.New(nil)
	for name, c := range map[string]struct {
		function any
		body     string
		want     string
	}{
		"wrong type":    {batch.SQS(func(context.Context, *batch.Message[inner]) error { return nil }, &batch.Options{DeadLetters: letters}), `{"password":"hunter2"}`, `batch: decode the payload into batch_test.inner: field "password": a JSON string does not fit the Go type int`},
		"no JSON":       {batch.SQS(func(context.Context, *batch.Message[inner]) error { return nil }, &batch.Options{DeadLetters: letters}), `hunter2`, `batch: decode the payload into batch_test.inner: it is not JSON`},
		"unknown":       {batch.SQS(func(context.Context, *batch.Message[inner]) error { return nil }, &batch.Options{DeadLetters: letters, Decoder: batch.StrictJSON}), `{"hunter2":1}`, `batch: decode the payload into batch_test.inner: it has a member that the type does not have`},
		"text behind":   {batch.SQS(func(context.Context, *batch.Message[inner]) error { return nil }, &batch.Options{DeadLetters: letters, Decoder: batch.StrictJSON}), `{} hunter2`, `batch: decode the payload into batch_test.inner: there is text after the JSON value`},
		"wrong decoder": {batch.SQS(func(context.Context, *batch.Message[inner]) error { return nil }, &batch.Options{DeadLetters: letters, Decoder: batch.Text}), `hunter2`, `batch: decode the payload into batch_test.inner: batch.Text decodes into a string only`},
	} {
		reason = nil
		h := lambdakit.Wrap(c.function.(func(context.Context, batch.Event) (batch.Response, error)), logs.Middleware)
		res := lambdatest.Run(t, h, lambdatest.SQS("orders", c.body))
		if fmt.Sprint(reason) != c.want || strings.Contains(string(res.Output), "hunter2") {
			t.Errorf("%s: got %v and the lines %s, want %s", name, reason, res.Output, c.want)
		}
	}
	var d *batch.DecodeError
	lambdatest.Run(t, batch.SQS(func(context.Context, *batch.Message[secretive]) error { return nil }, &batch.Options{DeadLetters: letters}), lambdatest.SQS("orders", `"hunter2"`))
	if !errors.As(reason, &d) || d.Unwrap() != nil || d.Err == nil {
		t.Errorf("got %v, want a DecodeError whose cause is only in Err", reason)
	}
}

func TestIsPermanent(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		errBoom: false, batch.Permanent(errBoom): true, fmt.Errorf("x: %w", batch.Permanent(errBoom)): true, &batch.DecodeError{Err: errBoom}: true,
		&batch.DecodeError{Err: batch.Transient(errBoom)}: false, batch.RetryAfter(1, errBoom): false,
	} {
		if got := batch.IsPermanent(err); got != want {
			t.Errorf("%#v: got %v, want %v", err, got, want)
		}
	}
	for _, f := range []func(error) error{batch.Permanent, batch.Transient, func(err error) error { return batch.RetryAfter(1, err) }} {
		if f(nil) != nil || !errors.Is(f(errBoom), errBoom) || f(errBoom).Error() != "boom" {
			t.Errorf("got %v and %v, want nil and what wraps boom", f(nil), f(errBoom))
		}
	}
	if _, ok := batch.RetryDelay(errBoom); ok {
		t.Error("got a delay of another error, want none")
	}
}

func TestPanicError_HasTheStackOfTheHandler(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	h := lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[string]) error { panic(errBoom) }, &batch.Options{Decoder: batch.Text}), logs.Middleware)
	res := lambdatest.Run(t, h, lambdatest.SQS("orders", "a"))
	if out := string(res.Output); !strings.Contains(out, "TestPanicError_HasTheStackOfTheHandler.func1") || !strings.Contains(out, "*batch.PanicError") || !errors.Is(res.Err, errBoom) {
		t.Errorf("got %s and %v, want a line with the stack, and the cause", out, res.Err)
	}
}

func TestPropagatePanics_EndsTheInvocation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls calls
		h := lambdakit.Wrap(batch.SQS(calls.handle, &batch.Options{PropagatePanics: true, Concurrency: 2}))
		event, _ := queue("q", message{Name: "a", For: time.Second}, message{Name: "b", Do: "panic"}, message{Name: "c"}).MarshalJSON()
		res := lambdatest.Run(t, h, event)
		var p *lambdatest.PanicError
		if !errors.As(res.Err, &p) || p.Value != "boom" || len(calls.names) != 2 || calls.now != 0 {
			t.Errorf("got %v after the calls %v, want the panic after two handlers have returned", res.Err, calls.names)
		}
	})
}

//go:noinline
func writeTo(m map[string]int) { m["a"] = 1 }

type enderFunc func(*lambdakit.Invocation)

func (f enderFunc) EndInvocation(_ context.Context, inv *lambdakit.Invocation) { f(inv) }

func TestPropagatePanics_KeepsTheStack(t *testing.T) {
	t.Parallel()
	var stack []uintptr
	watch := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnEnd(enderFunc(func(inv *lambdakit.Invocation) { stack = inv.Panic().Stack }))
			return next(ctx, inv)
		}
	}
	lambdatest.Run(t, lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[string]) error {
		writeTo(nil)
		return nil
	}, &batch.Options{Decoder: batch.Text, PropagatePanics: true}), watch), lambdatest.SQS("orders", "a"))
	var got []string
	for frames, more := runtime.CallersFrames(stack), true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		got = append(got, f.Function)
	}
	if !slices.ContainsFunc(got, func(f string) bool { return strings.HasSuffix(f, ".writeTo") }) {
		t.Errorf("got the stack %q, want the function that panicked in it", got)
	}
}

// TestPropagatePanics_NoDeadLetters expects that letters are not sent if the whole batch comes again.
func TestPropagatePanics_NoDeadLetters(t *testing.T) {
	t.Parallel()
	sent := 0
	h := lambdakit.Wrap(batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
		if m.Body == "panic" {
			panic("boom")
		}
		return batch.Permanent(errBoom)
	}, &batch.Options{Decoder: batch.Text, PropagatePanics: true, DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error {
		sent++
		return nil
	})}))
	if res := lambdatest.Run(t, h, lambdatest.SQS("orders", "a", "panic")); res.Err == nil || sent != 0 {
		t.Errorf("got %v and %d letters, want the panic and none", res.Err, sent)
	}
}

func TestPanicError_TextIsBounded(t *testing.T) {
	t.Parallel()
	many := make([]string, 1000)
	for i := range many {
		many[i] = strings.Repeat("é", 100)
	}
	for _, v := range []any{many, many[0], strings.Repeat("é", 2000), 0.1, nil} {
		text := (&batch.PanicError{Value: v}).Error()
		if plain := fmt.Sprint("panic: ", v); len(text) > len("panic: ")+1024 || !strings.HasPrefix(plain, text) || len(plain) < 1000 && text != plain {
			t.Errorf("got %d bytes, %.100s, want at most 1,024 bytes of the value", len(text), text)
		}
	}
}

func TestNothingDone_IsAFailure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given    string
		o        *batch.Options
		response string
		err      string
	}{
		"all fail":             {"a:fail b:fail", nil, `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}`, "batch: none of 2 records is done: boom"},
		"one is done":          {"a:fail b", nil, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`, "<nil>"},
		"an error was ordered": {"a:fail b:fail", &batch.Options{ErrorIfAllFail: true}, "", "batch: none of 2 records is done: boom"},
		"but one is done":      {"a:fail b", &batch.Options{ErrorIfAllFail: true}, `{"batchItemFailures":[{"itemIdentifier":"a"}]}`, "<nil>"},
		"no record":            {"", nil, `{"batchItemFailures":[]}`, "<nil>"},
	} {
		var calls calls
		event, _ := queue("q", named(c.given)...).MarshalJSON()
		res := lambdatest.Run(t, lambdakit.Wrap(batch.SQS(calls.handle, c.o)), event)
		if string(res.Response) != c.response || fmt.Sprint(res.Err) != c.err {
			t.Errorf("%s: got %s and %v, want %s and %s", name, res.Response, res.Err, c.response, c.err)
		}
	}
}

// Logs and traces show the user's error, not that it was marked.
func TestPermanent_KeepsTheTypeInLogs(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	h := lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[string]) error {
		return batch.Permanent(batch.RetryAfter(1, &brokenError{}))
	}, &batch.Options{Decoder: batch.Text}), logs.Middleware)
	res := lambdatest.Run(t, h, lambdatest.SQS("orders", "a"))
	if got := fmt.Sprint(res.Log("record failed")["error"]); got != "map[message:broken type:*batch_test.brokenError]" {
		t.Errorf("got %s, want the user's error alone", got)
	}
}

type brokenError struct{}

func (*brokenError) Error() string { return "broken" }

func TestPermanent_WithoutDeadLettersIsWarnedOfOnce(t *testing.T) {
	var b bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	defer slog.SetDefault(before)
	fail := func(context.Context, *batch.Message[string]) error { return batch.Permanent(errBoom) }
	for event, f := range map[string]any{
		"comes again until its queue": batch.SQS(fail, &batch.Options{Decoder: batch.Text}),
		"blocks the records":          batch.Kinesis(fail, &batch.Options{Decoder: batch.Text}),
	} {
		b.Reset()
		records := lambdatest.SQS("orders", "a", "b")
		if strings.HasPrefix(event, "blocks") {
			records = lambdatest.Kinesis("orders", "a", "b")
		}
		lambdatest.Run(t, f, records)
		if got := b.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, event) {
			t.Errorf("got %s, want one warning that it %s", got, event)
		}
	}
}

// Without a deadline the queue has all the time that it needs.
func TestDeadLetters_ContextOfSend(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{0, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, timeout)
				defer cancel()
			}
			begin := time.Now()
			var ended error
			var left time.Duration
			f := batch.SQS(func(context.Context, *batch.Message[string]) error { return batch.Permanent(errBoom) },
				&batch.Options{Decoder: batch.Text, DeadLetters: batch.DeadLetterFunc(func(ctx context.Context, _ batch.Letter) error {
					ended = ctx.Err()
					if deadline, ok := ctx.Deadline(); ok {
						left = deadline.Sub(begin)
					}
					return nil
				})})
			f(ctx, eventOf(lambdatest.SQS("orders", "a")))
			want := max(timeout-375*time.Millisecond, 0) // a quarter of the reserve of 1.5 s
			if ended != nil || left != want {
				t.Errorf("a timeout of %v: got the error %v and %v left, want none and %v", timeout, ended, left, want)
			}
		})
	}
}

// letterFunc is a DeadLetterQueue that returns any list of errors.
type letterFunc func(letters []batch.Letter) []error

func (f letterFunc) Send(_ context.Context, letters []batch.Letter) []error { return f(letters) }

// TestHooks_LinesInTheLog has hooks that work, and hooks that do not. It replaces slog's default.
func TestHooks_LinesInTheLog(t *testing.T) {
	var b bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	defer slog.SetDefault(before)
	for what, c := range map[string]struct {
		o    batch.Options
		want string // in the only line; empty: no line
		ids  string // that are reported
	}{
		"OnFailure":        {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return []error{nil, errBoom} }), OnFailure: func(context.Context, *batch.Record, error) {}}, "a dead letter was not taken over; its record comes again\" message_id=m2 error=boom", "m2"},
		"OnFailure panics": {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { panic("oh") }), OnFailure: func(context.Context, *batch.Record, error) { panic("hook") }}, "Options.OnFailure panicked\" error=\"panic: hook\"", "m1 m2"},
		"letters":          {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return nil })}, "", ""},
		"letters, errors":  {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return []error{nil, nil} })}, "", ""},
		"letters, one":     {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return []error{nil} })}, "batch: DeadLetters.Send returned 1 errors for 2 letters; want one for each, or none", "m1 m2"},
		"letters panic":    {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { panic("oh") })}, "error=\"panic: oh\"", "m1 m2"},
		"id":               {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return nil }), CorrelationID: func(*batch.Record) string { return "c" }}, "", ""},
		"id panics":        {batch.Options{DeadLetters: letterFunc(func([]batch.Letter) []error { return nil }), CorrelationID: func(*batch.Record) string { panic("oh") }}, "Options.CorrelationID panicked\" error=\"panic: oh\"", ""},
	} {
		b.Reset()
		c.o.Decoder = batch.Text
		f := batch.SQS(func(context.Context, *batch.Message[string]) error { return batch.Permanent(errBoom) }, &c.o)
		got, err := f(t.Context(), eventOf(lambdatest.SQS("orders", "a", "b")))
		if err != nil || reported(got) != c.ids {
			t.Errorf("%s: got the reports %q and %v, want %q", what, reported(got), err, c.ids)
		}
		if text := b.String(); (text == "") != (c.want == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s: got the lines %q, want %q", what, text, c.want)
		}
	}
}
