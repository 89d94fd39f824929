package batch_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// wait returns the error of its context when that ends.
func wait(ctx context.Context, _ *batch.Message[string]) error {
	<-ctx.Done()
	return ctx.Err()
}

// hang returns long after its context has ended.
func hang(context.Context, *batch.Message[string]) error {
	time.Sleep(time.Hour)
	return nil
}

// ended is an observer of the errors with which records ended.
type ended []error

func (e *ended) observe(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnMessage(e)
		return next(ctx, inv)
	}
}

func (e *ended) BeginMessage(ctx context.Context, _ *lambdakit.Message) context.Context { return ctx }
func (e *ended) EndMessage(_ context.Context, _ *lambdakit.Message, err error)          { *e = append(*e, err) }

// TestEnd_TheReasonIsTheErrorOfARecord lets handlers hang until the batch gives them up.
func TestEnd_TheReasonIsTheErrorOfARecord(t *testing.T) {
	t.Parallel()
	shutdown := errors.New("shutdown")
	for what, c := range map[string]struct {
		context func(ctx context.Context) (context.Context, context.CancelFunc)
		want    error
		records int // whose handlers were called
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, batch.ErrDeadline, 1},
		"10 ms are left": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Millisecond)
		}, batch.ErrDeadline, 1},
		"the deadline is over": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, -time.Second)
		}, batch.ErrDeadline, 0},
		"the caller cancels": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(shutdown) })
			return ctx, func() { cancel(nil) }
		}, shutdown, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := c.context(t.Context())
			defer cancel()
			var ends ended
			h := lambdakit.Wrap(batch.SQS(hang, &batch.Options{Decoder: batch.Text, ErrorIfAllFail: true}), ends.observe)
			_, err := h.Invoke(ctx, lambdatest.SQS("orders", "a", "b"))
			if !errors.Is(err, c.want) || len(ends) != c.records || c.records > 0 && ends[0] != c.want {
				t.Errorf("%s: got %v and the records %v, want %v and %d records with it", what, err, []error(ends), c.want, c.records)
			}
			time.Sleep(2 * time.Hour)
			synctest.Wait()
		})
	}
}

// TestEnd_NoHandlerStartsAfterIt expects that a record whose Decoder was slow is not handled after it was
// reported.
func TestEnd_NoHandlerStartsAfterIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := func([]byte, any) error {
			time.Sleep(time.Hour)
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		called := false
		batch.SQS(func(context.Context, *batch.Message[string]) error {
			called = true
			return nil
		}, &batch.Options{Decoder: slow})(ctx, eventOf(lambdatest.SQS("orders", "a")))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if called {
			t.Error("got a call of the handler, want none")
		}
	})
}

// TestFirehose_HandlersThatObeyTheDeadline expects that no record goes to the error output of the stream
// because time was over.
func TestFirehose_HandlersThatObeyTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		h := lambdakit.Wrap(batch.Firehose(wait, &batch.Options{Decoder: batch.Text}))
		response, err := h.Invoke(ctx, lambdatest.Firehose("orders", "a"))
		if !errors.Is(err, batch.ErrDeadline) {
			t.Errorf("got %s and %v, want %v", response, err, batch.ErrDeadline)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		h := lambdakit.Wrap(batch.Firehose(func(ctx context.Context, m *batch.Message[string]) error { return batch.Permanent(wait(ctx, m)) }, &batch.Options{
			Decoder: batch.Text, DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error { return nil }),
		}))
		response, err := h.Invoke(ctx, lambdatest.Firehose("orders", "a"))
		if want := `{"records":[{"recordId":"r1","result":"Dropped","data":null}]}`; err != nil || string(response) != want {
			t.Errorf("a dead letter: got %s and %v, want %s", response, err, want)
		}
	})
}

// TestLeftBehind_HandlerThatChangesItsMessage expects that the lines name the message that the queue sent.
func TestLeftBehind_HandlerThatChangesItsMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		logs := logging.New(&logging.Options{Writer: &out})
		h := lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[string]) error {
			m.ID, m.CorrelationID = "other", "other"
			return hang(ctx, m)
		}, &batch.Options{Decoder: batch.Text}), logs.Middleware)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		response, err := h.Invoke(ctx, lambdatest.SQS("orders", lambdatest.Message{Body: "a", Attributes: map[string]string{"correlation_id": "c"}}))
		if got := out.String(); err != nil || string(response) != `{"batchItemFailures":[{"itemIdentifier":"m1"}]}` || strings.Contains(got, "other") || !strings.Contains(got, `"correlation_id":"c"`) {
			t.Errorf("got %s, %v and the lines %s, want m1 reported, and lines of m1 with the id c", response, err, got)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
	})
}

// TestLeftBehind_TheEventStays expects that a handler never sees the event of another invocation:
// aws-lambda-go reads the next event into the same memory.
func TestLeftBehind_TheEventStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got string
		h := lambdakit.Wrap(batch.SQS(func(ctx context.Context, m *batch.Message[string]) error {
			hang(ctx, m)
			got = m.Attribute("tenant")
			return nil
		}, &batch.Options{Decoder: batch.Text}))
		event := func(tenant string) []byte {
			return lambdatest.SQS("orders", lambdatest.Message{Body: "a", Attributes: map[string]string{"tenant": tenant}})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		memory := event("first")
		h.Invoke(ctx, memory)
		copy(memory, event("other"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if want := "first"; got != want {
			t.Errorf("got the tenant %q, want %q", got, want)
		}
	})
}

// TestLeftBehind_TheLineNamesTheMessage is not parallel, because it sets slog's default.
func TestLeftBehind_TheLineNamesTheMessage(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		batch.SQS(func(ctx context.Context, m *batch.Message[string]) error {
			m.ID = "other"
			return hang(ctx, m)
		}, &batch.Options{Decoder: batch.Text})(ctx, eventOf(lambdatest.SQS("orders", "a")))
		if got := out.String(); !strings.Contains(got, "message_ids=[m1]") {
			t.Errorf("got %s, want a line with the id m1", got)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
	})
}

func eventOf(text []byte) (e batch.Event) {
	e.UnmarshalEvent(text)
	return e
}

// TestHooksAfterTheBatch_HaveADeadline expects that a hook which waits does not let Lambda kill the
// function before it has answered, whether it obeys its context or not.
func TestHooksAfterTheBatch_HaveADeadline(t *testing.T) {
	t.Parallel()
	full := func(context.Context, batch.Letter) error { return errors.New("the queue is full") }
	for what, o := range map[string]*batch.Options{
		"OnFailure obeys": {DeadLetters: batch.DeadLetterFunc(full), OnFailure: func(ctx context.Context, _ *batch.Record, _ error) { <-ctx.Done() }},
		"OnFailure does not": {DeadLetters: batch.DeadLetterFunc(full), OnFailure: func(context.Context, *batch.Record, error) {
			time.Sleep(time.Hour)
		}},
		"Send obeys": {DeadLetters: batch.DeadLetterFunc(func(ctx context.Context, _ batch.Letter) error { <-ctx.Done(); return ctx.Err() })},
		"Send does not": {DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error {
			time.Sleep(time.Hour)
			return nil
		})},
		"neither does": {
			DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error { time.Sleep(time.Hour); return nil }),
			OnFailure:   func(context.Context, *batch.Record, error) { time.Sleep(time.Hour) },
		},
		"Send calls Goexit": {DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error {
			runtime.Goexit()
			return nil
		})},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			o.Decoder = batch.Text
			h := lambdakit.Wrap(batch.SQS(func(context.Context, *batch.Message[string]) error { return batch.Permanent(errBoom) }, o))
			response, err := h.Invoke(ctx, lambdatest.SQS("orders", "a", "b"))
			if late := ctx.Err() != nil; late || err != nil || strings.Count(string(response), "itemIdentifier") != 2 {
				t.Errorf("%s: got %s, %v, late: %v, want both messages reported before the deadline", what, response, err, late)
			}
			time.Sleep(2 * time.Hour)
		})
	}
}
