package deadletter_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/deadletter"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// queue is an SQS queue in memory.
type queue struct {
	requests []*sqs.SendMessageBatchInput
	answer   func(request int, e types.SendMessageBatchRequestEntry) *types.BatchResultErrorEntry
	err      error
}

func (q *queue) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	q.requests = append(q.requests, in)
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		if q.answer != nil {
			if failed := q.answer(len(q.requests), e); failed != nil {
				failed.Id = e.Id
				out.Failed = append(out.Failed, *failed)
				continue
			}
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, q.err
}

// A message that cannot be decoded is moved to another queue, with the reason.
func ExampleNew() {
	client := &queue{} // in Lambda: nil
	letters := deadletter.New(client, "https://sqs.eu-west-1.amazonaws.com/123456789012/orders-dead", nil)
	receive := func(ctx context.Context, m *batch.Message[struct{ Total float64 }]) error {
		if m.Body.Total < 0 {
			return batch.Permanent(errors.New("the total is negative"))
		}
		return nil
	}
	h := lambdakit.Wrap(batch.SQS(receive, &batch.Options{DeadLetters: letters}))
	out, err := h.Invoke(context.Background(), lambdatest.SQS("orders", `{"total":5}`, `{"total":-5}`, `no JSON`))
	fmt.Println(string(out), err)
	for _, e := range client.requests[0].Entries {
		fmt.Println(aws.ToString(e.MessageBody), "-", aws.ToString(e.MessageAttributes["dead_letter_reason"].StringValue))
	}
	// Output:
	// {"batchItemFailures":[]} <nil>
	// {"total":-5} - the total is negative
	// no JSON - batch: decode the payload into struct { Total float64 }: it is not JSON
}
