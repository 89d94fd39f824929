package sqsbus_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/lambdakit/lambdakit/aws/sqsbus"
	"github.com/lambdakit/lambdakit/events"
)

// queue is an SQS queue in memory.
type queue struct {
	requests []*sqs.SendMessageBatchInput
	answer   func(*sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) // nil: it takes all messages
}

func (q *queue) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	q.requests = append(q.requests, in)
	if q.answer != nil {
		return q.answer(in)
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

type confirmed struct {
	Total float64 `json:"total"`
}

var orderConfirmed = events.Define[confirmed]("shop.orders", "OrderConfirmed")

// An event is published to a FIFO queue. The queue drops it if it comes again.
func ExampleNew() {
	client := &queue{} // in Lambda: nil
	queue := sqsbus.New(client, "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo", nil)
	bus := events.New(queue, &events.Options{Now: func() time.Time { return time.Unix(1700000000, 0) }})
	err := bus.Publish(context.Background(), orderConfirmed.New("o-1", confirmed{Total: 12.5}))
	fmt.Println(err)
	e := client.requests[0].Entries[0]
	fmt.Println(aws.ToString(e.MessageBody))
	fmt.Println(aws.ToString(e.MessageGroupId), aws.ToString(e.MessageDeduplicationId))
	fmt.Println(aws.ToString(e.MessageAttributes["event_type"].StringValue))
	// Output:
	// <nil>
	// {"metadata":{"id":"30e2c925-97e5-5908-8110-ecabb8c54b2f","source":"shop.orders","type":"OrderConfirmed","version":1,"group":"o-1","time":"2023-11-14T22:13:20Z","correlation_id":"30e2c925-97e5-5908-8110-ecabb8c54b2f"},"data":{"total":12.5}}
	// o-1 30e2c925-97e5-5908-8110-ecabb8c54b2f
	// OrderConfirmed
}
