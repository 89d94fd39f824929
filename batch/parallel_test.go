package batch_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
)

// TestBatch_EightInvocationsOfEightRecords has 64 handlers of one function at the same time. Some fail
// or panic.
func TestBatch_EightInvocationsOfEightRecords(t *testing.T) {
	t.Parallel()
	const n = 8
	type key struct{}
	for _, source := range []string{"sqs", "fifo", "kinesis", "dynamodb", "kafka"} {
		h := &history{source: source}
		for i := range n * n {
			h.messages = append(h.messages, planned{lane: i})
		}
		var together sync.WaitGroup
		call := h.function(func(ctx context.Context, r *batch.Record, i int) error {
			together.Done()
			together.Wait()
			if got := ctx.Value(key{}); got != i/n {
				t.Errorf("%s: message %d: got the context of invocation %v, want %d", source, i, got, i/n)
			}
			if m := lambdakit.MessageFromContext(ctx); m != &r.Message || m.Index != i%n || m.Of != n {
				t.Errorf("%s: message %d: got %+v from its context, want its own message", source, i, m)
			}
			switch {
			case i%3 == 0:
				return errBoom
			case i%5 == 0:
				panic(errBoom)
			}
			return nil
		}, &batch.Options{Concurrency: n})
		f := lambdakit.Wrap(call)
		for range 20 {
			together.Add(n * n)
			var invocations sync.WaitGroup
			for inv := range n {
				invocations.Go(func() {
					var messages, failing []int
					for i := inv * n; i < (inv+1)*n; i++ {
						messages = append(messages, i)
						if i%3 == 0 || i%5 == 0 {
							failing = append(failing, i)
						}
					}
					event, _ := h.event(messages)
					response, err := f.Invoke(context.WithValue(t.Context(), key{}, inv), event)
					if err != nil {
						t.Errorf("%s: got the error %v, want a response", source, err)
						return
					}
					got, err := h.failures(response)
					if want := h.reports(failing); err != nil || !slices.Equal(got, want) {
						t.Errorf("%s: got %v reported and %v, want %v", source, got, err, want)
					}
				})
			}
			invocations.Wait()
		}
	}
}
