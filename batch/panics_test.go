package batch_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

func TestOptions_PropagatePanicsAfterTheOtherHandlersHaveReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &probe{called: map[int]bool{}, began: map[int]string{}, ended: map[int]error{}}
		var c calls
		f := batch.SQS(c.handle, &batch.Options{Concurrency: 2, PropagatePanics: true})
		h := lambdakit.Wrap(f, func(next lambdakit.Handler) lambdakit.Handler {
			return func(ctx context.Context, inv *lambdakit.Invocation) error {
				inv.OnMessage(p)
				inv.OnBatch(p)
				return next(ctx, inv)
			}
		})
		event, err := queue("q", message{Name: "a", Do: "panic", For: time.Second}, message{Name: "b", For: time.Minute}, message{Name: "c"}).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		defer func() {
			v, took := recover(), time.Since(begin)
			if v != "boom" || took != time.Minute || fmt.Sprint(c.names) != "[a b]" && fmt.Sprint(c.names) != "[b a]" {
				t.Errorf("got the panic %v after %v and the calls %v, want boom after the handler of b", v, took, c.names)
			}
			want := lambdakit.BatchResult{Records: 3, Failed: 1, Unprocessed: 1}
			if len(p.ended) != 2 || p.result != want {
				t.Errorf("got %d ends and the result %+v, want 2 and %+v", len(p.ended), p.result, want)
			}
		}()
		h.Invoke(t.Context(), event)
	})
}

// nilError panics in Is and Unwrap if it is nil, as the methods of many errors do.
type nilError struct{ cause error }

func (*nilError) Error() string          { return "nil error" }
func (e *nilError) Is(target error) bool { return e.cause == target }
func (e *nilError) Unwrap() error        { return e.cause }

func TestPanics_OfTheErrorOfAHandler(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func() error{
		"returned": func() error { return (*nilError)(nil) },
		"panic":    func() error { panic((*nilError)(nil)) },
	} {
		h := batch.SQS(func(_ context.Context, m *batch.Message[string]) error {
			if m.Body == "bad" {
				return f()
			}
			return nil
		}, &batch.Options{Decoder: batch.Text})
		res := lambdatest.Run(t, h, lambdatest.SQS("q", "good", "bad", "good"))
		if got := res.FailedRecords(); res.Err != nil || fmt.Sprint(got) != "[m2]" {
			t.Errorf("%s: got %v and the failed records %v, want m2 alone", name, res.Err, got)
		}
	}
}
