package metrics_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

func TestBatches_CountRecords(t *testing.T) {
	t.Parallel()
	const event = `{"Records":[
		{"messageId":"m1","body":"1","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q.fifo","attributes":{"MessageGroupId":"a"}},
		{"messageId":"m2","body":"2","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q.fifo","attributes":{"MessageGroupId":"a"}},
		{"messageId":"m3","body":"3","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q.fifo","attributes":{"MessageGroupId":"b"}},
		{"messageId":"m4","body":"no","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q.fifo","attributes":{"MessageGroupId":"c"}}]}`
	handle := func(ctx context.Context, m *batch.Message[int]) error {
		if m.Body == 1 {
			return errors.New("no stock")
		}
		return nil
	}
	o := &batch.Options{DeadLetters: batch.DeadLetterFunc(func(context.Context, batch.Letter) error { return nil })}
	for on, want := range map[bool]map[string]float64{
		true:  {"BatchSize": 4, "BatchFailures": 1, "BatchDeadLetters": 1, "BatchUnprocessed": 1},
		false: {},
	} {
		meter := metrics.New(&metrics.Options{Namespace: "Shop", Batches: on})
		res := lambdatest.Run(t, lambdakit.Wrap(batch.SQS(handle, o), meter.Middleware), event)
		got := map[string]float64{}
		for _, m := range res.Metrics {
			got[m.Name] = m.Values[0]
		}
		if len(got) != len(want) {
			t.Errorf("Batches %v: got %v, want %v", on, got, want)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("Batches %v: got %s = %v, want %v", on, name, got[name], value)
			}
		}
	}
}
