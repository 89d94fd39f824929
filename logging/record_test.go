package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// records runs a function that handles two records after each other.
func records(t *testing.T, o *logging.Options, f func(ctx context.Context, m *lambdakit.Message) error) *lambdatest.Result {
	t.Helper()
	logs := logging.New(o)
	log := slog.New(logs)
	return lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		for i, id := range []string{"m1", "m2"} {
			m := &lambdakit.Message{ID: id, CorrelationID: "c-" + id, Attempt: i + 1}
			rctx, end := lambdakit.BeginMessage(context.WithValue(ctx, logKey{}, log), m)
			end(f(rctx, m))
		}
		log.InfoContext(ctx, "after")
	}, logs.Middleware), `{}`)
}

type logKey struct{}

func logOf(ctx context.Context) *slog.Logger { return ctx.Value(logKey{}).(*slog.Logger) }

func TestRecord_LinesHaveItsFields(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		inner := logging.With(ctx, "inner", m.ID)
		logOf(ctx).InfoContext(ctx, "first")
		logging.Append(ctx, "appended", m.ID)
		logging.SetCorrelationID(ctx, "changed-"+m.ID)
		logOf(ctx).InfoContext(ctx, "second")
		logOf(ctx).InfoContext(inner, "third")
		logging.Remove(ctx, "appended")
		logOf(ctx).InfoContext(inner, "fourth")
		return nil
	})
	if len(res.Logs) != 9 {
		t.Fatalf("got %s, want 9 lines", res.Output)
	}
	for i, id := range []string{"m1", "m2"} {
		l := res.Logs[4*i:]
		wantFields(t, l[0], "message_id", id, "attempt", i+1, "correlation_id", "c-"+id, "appended", nil, "function_request_id", res.RequestID)
		wantFields(t, l[1], "message_id", id, "attempt", i+1, "correlation_id", "changed-"+id, "appended", id)
		wantFields(t, l[2], "message_id", id, "inner", id, "correlation_id", "changed-"+id, "appended", id)
		wantFields(t, l[3], "message_id", id, "inner", id, "correlation_id", "changed-"+id, "appended", nil)
	}
	wantFields(t, res.Logs[8], "message_id", nil, "attempt", nil, "correlation_id", nil, "appended", nil, "inner", nil)
}

func TestRecord_ContextsInsideFollowItsFields(t *testing.T) {
	t.Parallel()
	one, two := slog.New(logging.New(nil)), slog.New(logging.New(&logging.Options{Redact: []string{"b"}}))
	records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		var b bytes.Buffer
		loggers := []*slog.Logger{logOf(ctx), one, two, slog.New(logging.New(&logging.Options{Writer: &b}))}
		inner := []context.Context{logging.With(ctx, "a", 1)}
		for _, name := range []string{"b", "c"} {
			inner = append(inner, logging.With(inner[len(inner)-1], name, 1))
		}
		want := func(fields ...any) {
			t.Helper()
			for i, in := range inner {
				for _, l := range loggers {
					b.Reset()
					l.InfoContext(in, "m")
				}
				got := lines(t, b.Bytes())[0]
				wantFields(t, got, append(fields, "message_id", m.ID, "a", 1, "b", []any{nil, 1, 1}[i], "c", []any{nil, nil, 1}[i])...)
			}
		}
		want("appended", nil)
		logging.Append(ctx, "appended", 1)
		want("appended", 1)
		logging.Append(ctx, "appended", 2)
		want("appended", 2)
		logging.Remove(ctx, "appended")
		want("appended", nil)
		return nil
	})
}

func TestRecord_AHandlerMayChangeTheMessage(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		m.CorrelationID, m.ID = "another", "another"
		logOf(ctx).InfoContext(ctx, "line")
		return nil
	})
	wantFields(t, res.Logs[0], "message_id", "m1", "correlation_id", "c-m1")
}

func TestRecord_FailureHasOneLine(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		if m.ID == "m1" {
			return errors.New("no stock")
		}
		return nil
	})
	if len(res.Logs) != 2 || res.Err != nil {
		t.Fatalf("got %s and %v, want a line about the record, one after it, and no failure of the invocation", res.Output, res.Err)
	}
	wantFields(t, res.Logs[0], "level", "ERROR", "message", "record failed", "message_id", "m1", "correlation_id", "c-m1", "error", "map[message:no stock type:*errors.errorString]")
}

func TestRecord_LinesAreHeldBackPerRecord(t *testing.T) {
	t.Parallel()
	for failing, want := range map[string]string{"": "after", "m1": "debug m1, record failed, after", "m2": "debug m2, record failed, after"} {
		res := records(t, &logging.Options{Buffer: &logging.Buffer{}}, func(ctx context.Context, m *lambdakit.Message) error {
			logOf(ctx).DebugContext(ctx, "debug "+m.ID)
			if m.ID == failing {
				return errors.New("no stock")
			}
			return nil
		})
		var got []string
		for _, l := range res.Logs {
			got = append(got, l.Message())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q fails: got %v, want %s", failing, got, want)
		}
	}
}

func TestRecord_TwoHandlersReportAFailureOnce(t *testing.T) {
	t.Parallel()
	first, second := logging.New(nil), logging.New(&logging.Options{Buffer: &logging.Buffer{}})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
		slog.New(second).DebugContext(ctx, "held")
		slog.New(first).InfoContext(ctx, "written")
		end(errors.New("no stock"))
	}, first.Middleware, second.Middleware), `{}`)
	if len(res.Logs) != 3 || strings.Count(string(res.Output), "record failed") != 1 || strings.Count(string(res.Output), `"message_id":"m1"`) != 3 {
		t.Errorf("got %s, want three lines with the id, and the failure once", res.Output)
	}
}

// Lines of records that run at the same time do not get each other's fields.
func TestRecord_ManyAtOnce(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{MaxBytes: 1 << 20}})
	log := slog.New(logs)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				id := fmt.Sprint("m", i)
				ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: id, CorrelationID: id})
				for range 50 {
					logging.Append(ctx, "own", id)
					log.DebugContext(ctx, "held of "+id)
					log.InfoContext(logging.With(ctx, "inner", id), "line of "+id)
				}
				if i%2 == 0 {
					end(errors.New("failure of " + id))
				} else {
					end(nil)
				}
			})
		}
		wg.Wait()
	}, logs.Middleware), `{}`)
	if len(res.Logs) != 8*50+4*51 {
		t.Errorf("got %d lines, want %d", len(res.Logs), 8*50+4*51)
	}
	for _, l := range res.Logs {
		id := fmt.Sprint(l["message_id"])
		if text := l.Message(); !strings.HasSuffix(text, " of "+id) && text != "record failed" || l["own"] != id || l["correlation_id"] != id || l["inner"] != nil && l["inner"] != id {
			t.Fatalf("got %v, want the fields of one record only", l)
		}
	}
}

// Lines that a record holds back are written if the invocation is about to end.
func TestRecord_NearDeadlineWritesItsLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}, MaxStackBytes: -1})
		res := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
			slog.New(logs).DebugContext(ctx, "held")
			<-ctx.Done()
			end(nil)
		}, logs.Middleware), &lambdatest.Options{Timeout: time.Second}).Invoke(`{}`)
		if got := messages(res); got != "DEBUG held; ERROR invocation is about to time out" && got != "ERROR invocation is about to time out; DEBUG held" {
			t.Errorf("got %s, want the line that was held", got)
		}
	})
}

// A nested value that logs while it is resolved must not wait for itself.
func TestRecord_AppendMayLog(t *testing.T) {
	t.Parallel()
	records(t, &logging.Options{Buffer: &logging.Buffer{}}, func(ctx context.Context, m *lambdakit.Message) error {
		logging.Append(ctx, "value", loggingValue{ctx})
		return nil
	})
}

type loggingValue struct{ ctx context.Context }

func (l loggingValue) LogValue() slog.Value {
	logOf(l.ctx).DebugContext(l.ctx, "resolving")
	return slog.StringValue("x")
}

func TestRecord_FieldsAreBounded(t *testing.T) {
	t.Parallel()
	var reports []error
	o := &logging.Options{OnError: func(err error) { reports = append(reports, err) }}
	records(t, o, func(ctx context.Context, m *lambdakit.Message) error {
		var fields []any
		for i := range 1100 {
			fields = append(fields, fmt.Sprint("f", i), i)
		}
		logging.Append(ctx, fields...)
		logOf(ctx).InfoContext(ctx, "line")
		return nil
	})
	if len(reports) != 1 {
		t.Errorf("got the reports %v, want one", reports)
	}
}

func TestRecord_FieldsLongerThanALineAreReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bytes int
		again bool // the fields are encoded again
	}{"one": {2000, false}, "together": {1000, false}, "one, again": {2000, true}, "together, again": {1000, true}} {
		var reports []error
		o := &logging.Options{MaxLineBytes: 2000, OnError: func(err error) { reports = append(reports, err) }}
		res := records(t, o, func(ctx context.Context, m *lambdakit.Message) error {
			logging.Append(ctx, "first", strings.Repeat("x", 1000))
			logging.Append(ctx, "long", strings.Repeat("x", c.bytes))
			if c.again {
				logging.SetCorrelationID(ctx, "c")
			}
			logOf(ctx).InfoContext(ctx, "line")
			return nil
		})
		wantFields(t, res.Logs[0], "message_id", "m1", "first", strings.Repeat("x", 1000), "long", nil)
		if len(reports) != 1 || !strings.Contains(reports[0].Error(), `Append: the fields of an invocation or record are longer than a line may be (2000 bytes); "long" is left out`) {
			t.Errorf("%s: got the reports %v, want one about the field long", name, reports)
		}
	}
}

func TestRecord_FlushWritesItsLines(t *testing.T) {
	t.Parallel()
	res := records(t, &logging.Options{Buffer: &logging.Buffer{}}, func(ctx context.Context, m *lambdakit.Message) error {
		logOf(ctx).DebugContext(ctx, "held "+m.ID)
		if m.ID == "m1" {
			logging.Flush(ctx)
		}
		return nil
	})
	if got, want := messages(res), "DEBUG held m1; INFO after"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRecord_WithoutAttemptsHasNoSuchField(t *testing.T) {
	t.Parallel()
	logs := logging.New(nil)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
		slog.New(logs).InfoContext(ctx, "m")
		end(nil)
	}, logs.Middleware), `{}`)
	wantFields(t, res.Logs[0], "message_id", "m1", "attempt", nil)
}

// Nothing would write a line that is held back after the end.
func TestRecord_AfterItsEndNoLineIsHeld(t *testing.T) {
	t.Parallel()
	o := &logging.Options{Buffer: &logging.Buffer{Level: slog.LevelInfo}}
	first, late := logging.New(o), logging.New(o)
	for _, err := range []error{nil, errors.New("no stock")} {
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
			end(err)
			slog.New(first).InfoContext(ctx, "of a known Handler")
			slog.New(late).InfoContext(ctx, "of a new Handler")
		}, first.Middleware), `{}`)
		if got, want := strings.TrimPrefix(messages(res), "ERROR record failed; "), "INFO of a known Handler; INFO of a new Handler"; got != want {
			t.Errorf("record with the error %v: got %q, want %q", err, got, want)
		}
	}
}

func TestRecord_LinesOfASuccessAreNotWrittenLater(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
		slog.New(logs).DebugContext(ctx, "held")
		end(nil)
		slog.New(logs).ErrorContext(ctx, "after the end")
	}, logs.Middleware), `{}`)
	if got, want := messages(res), "ERROR after the end"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRecord_EachHandlerHoldsItsOwnLines(t *testing.T) {
	t.Parallel()
	var b1, b2 bytes.Buffer
	one := logging.New(&logging.Options{Writer: &b1, Buffer: &logging.Buffer{}})
	two := logging.New(&logging.Options{Writer: &b2, Buffer: &logging.Buffer{}})
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
		slog.New(one).DebugContext(ctx, "held by one")
		slog.New(two).DebugContext(ctx, "held by two")
		end(errors.New("no stock"))
	}, one.Middleware, two.Middleware), `{}`)
	for want, b := range map[string]*bytes.Buffer{"held by one, record failed": &b1, "held by two": &b2} {
		var got []string
		for _, l := range lines(t, b.Bytes()) {
			got = append(got, fmt.Sprint(l["message"]))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRecord_WithoutACorrelationIDHasTheOneOfTheInvocation(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{CorrelationID: logging.EventBridge})
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
		slog.New(logs).InfoContext(ctx, "first")
		logging.SetCorrelationID(ctx, "own")
		slog.New(logs).InfoContext(ctx, "second")
		logging.SetCorrelationID(ctx, "")
		slog.New(logs).InfoContext(ctx, "third")
		end(nil)
	}, logs.Middleware), `{"id":"e-1"}`)
	for i, want := range []any{"e-1", "own", nil} {
		wantFields(t, res.Logs[i], "message_id", "m1", "correlation_id", want)
	}
}

// Append and Remove change fields of the record by their names, also its own.
func TestRecord_FieldsAreReplacedByTheirNames(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		logging.Append(ctx, "message_id", "mine", "a", 1, "b", 1, "a", 2, "correlation_id", "mine")
		logOf(ctx).InfoContext(ctx, "first")
		logging.Append(ctx, "b", 2)
		logging.Remove(ctx, "message_id", "a", "unknown")
		logOf(ctx).InfoContext(ctx, "second")
		return nil
	})
	wantFields(t, res.Logs[0], "message_id", "mine", "attempt", 1, "a", 2, "b", 1, "correlation_id", "mine")
	wantFields(t, res.Logs[1], "message_id", nil, "attempt", 1, "a", nil, "b", 2, "correlation_id", "mine")
}

// Lines that are logged while the line about a failure is made come before it, in their order.
func TestFailures_LinesOfTheirErrorsAreNotHeld(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{}})
	l := slog.New(logs)
	for want, fail := range map[string]func(ctx context.Context) error{
		"ERROR invocation failed": func(ctx context.Context) error { return &chattyError{ctx, l} },
		"ERROR record failed": func(ctx context.Context) error {
			ctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
			l.DebugContext(ctx, "held")
			end(&chattyError{ctx, l})
			return nil
		},
	} {
		res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
			l.DebugContext(ctx, "held")
			return fail(ctx)
		}, logs.Middleware), `{}`)
		got := messages(res)
		before, after, _ := strings.Cut(got, "; "+want)
		if !strings.HasPrefix(before, "DEBUG held; DEBUG asked") || strings.Count(before, "held") != 1 || want == "ERROR record failed" && after != "" {
			t.Errorf("got %s, want the lines of the error before %q", got, want)
		}
	}
}

// A record has the fields of the context around it, also after its own have changed, and so has a
// message inside the handler of another.
func TestRecord_FieldsAroundIt(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		l := logOf(ctx)
		inner, end := lambdakit.BeginMessage(logging.With(ctx, "around", 1, "a", "around"), &lambdakit.Message{ID: "inner"})
		l.InfoContext(inner, "first")
		logging.Append(inner, "a", "appended", "b", 1)
		logging.Append(ctx, "late", 1)
		l.InfoContext(inner, "second")
		l.InfoContext(logging.With(inner, "c", 1), "third")
		logging.Remove(inner, "a")
		l.InfoContext(inner, "fourth")
		end(nil)
		l.InfoContext(ctx, "outer")
		return nil
	})
	for i, id := range []string{"m1", "m2"} {
		l := res.Logs[5*i:]
		wantFields(t, l[0], "message", "first", "message_id", "inner", "around", 1, "a", "around", "correlation_id", "c-"+id)
		wantFields(t, l[1], "message", "second", "message_id", "inner", "around", 1, "a", "appended", "b", 1, "late", 1)
		wantFields(t, l[2], "message", "third", "message_id", "inner", "around", 1, "a", "appended", "b", 1, "late", 1, "c", 1)
		wantFields(t, l[3], "message", "fourth", "message_id", "inner", "around", 1, "a", "around", "b", 1, "late", 1, "c", nil)
		wantFields(t, l[4], "message", "outer", "message_id", id, "around", nil, "a", nil, "b", nil, "late", 1)
	}
}

// Lines whose failure has no line are not written by a later one.
func TestBuffer_HeldLinesOfASilentFailureAreDropped(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	var kept []context.Context
	l := slog.New(logging.New(&logging.Options{Writer: &b, Level: logging.LevelFatal, Buffer: &logging.Buffer{}}))
	logs := l.Handler().(*logging.Handler)
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		rctx, end := lambdakit.BeginMessage(ctx, &lambdakit.Message{ID: "m1"})
		kept = []context.Context{ctx, rctx}
		for _, ctx := range kept {
			l.DebugContext(ctx, "held")
		}
		end(errors.New("no stock"))
		return errors.New("no stock")
	}, logs.Middleware), `{}`)
	for _, ctx := range kept {
		l.Log(ctx, logging.LevelFatal, "after the end")
	}
	if got := len(lines(t, b.Bytes())); got != 2 || strings.Contains(b.String(), "held") {
		t.Errorf("got %s, want the two lines after the end alone", &b)
	}
}

// marshalFunc is a value that does something while it is encoded.
type marshalFunc func()

func (f marshalFunc) MarshalJSON() ([]byte, error) { f(); return []byte("1"), nil }

// No change is lost if the fields change while a value is encoded.
func TestRecord_ChangesAtTheSameTimeAreKept(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		changed := false
		logging.Append(ctx, "first", 1, "gone", 1)
		logging.Append(ctx, "outer", marshalFunc(func() {
			if !changed {
				changed = true
				logging.Append(ctx, "inner", 1, "first", 2)
				logging.Remove(ctx, "gone")
				logging.SetCorrelationID(ctx, "new")
			}
		}))
		logOf(ctx).InfoContext(ctx, "line")
		return nil
	})
	for i := range 2 {
		wantFields(t, res.Logs[i], "first", 2, "inner", 1, "outer", 1, "gone", nil, "correlation_id", "new")
	}
}

// A correlation id that was appended gives way to the record's own.
func TestRecord_RemoveOfTheCorrelationID(t *testing.T) {
	t.Parallel()
	res := records(t, nil, func(ctx context.Context, m *lambdakit.Message) error {
		logging.Append(ctx, "correlation_id", "mine", "a", 1)
		logOf(ctx).InfoContext(ctx, "appended")
		logging.Remove(ctx, "correlation_id")
		logOf(ctx).InfoContext(ctx, "removed")
		return nil
	})
	wantFields(t, res.Logs[0], "correlation_id", "mine", "a", 1)
	wantFields(t, res.Logs[1], "correlation_id", "c-m1", "a", 1)
}
