package snsbus_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/lambdakit/lambdakit/aws/snsbus"
	"github.com/lambdakit/lambdakit/events"
)

// topic is an SNS topic in memory.
type topic struct {
	requests []*sns.PublishBatchInput
	answer   func(*sns.PublishBatchInput) (*sns.PublishBatchOutput, error) // nil: it takes all messages
}

func (t *topic) PublishBatch(_ context.Context, in *sns.PublishBatchInput, _ ...func(*sns.Options)) (*sns.PublishBatchOutput, error) {
	t.requests = append(t.requests, in)
	if t.answer != nil {
		return t.answer(in)
	}
	out := &sns.PublishBatchOutput{}
	for _, e := range in.PublishBatchRequestEntries {
		out.Successful = append(out.Successful, types.PublishBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

type confirmed struct {
	Total float64 `json:"total"`
}

var orderConfirmed = events.Define[confirmed]("shop.orders", "OrderConfirmed")

// An event is published to a topic. Subscriptions select events by their attributes.
func ExampleNew() {
	client := &topic{} // in Lambda: nil
	topic := snsbus.New(client, "arn:aws:sns:eu-west-1:123456789012:orders", nil)
	bus := events.New(topic, &events.Options{Now: func() time.Time { return time.Unix(1700000000, 0) }})
	err := bus.Publish(context.Background(), orderConfirmed.New("o-1", confirmed{Total: 12.5}))
	fmt.Println(err)
	e := client.requests[0].PublishBatchRequestEntries[0]
	fmt.Println(aws.ToString(e.Message))
	fmt.Println(aws.ToString(e.MessageAttributes["event_type"].StringValue), aws.ToString(e.MessageAttributes["event_version"].StringValue))
	// Output:
	// <nil>
	// {"metadata":{"id":"30e2c925-97e5-5908-8110-ecabb8c54b2f","source":"shop.orders","type":"OrderConfirmed","version":1,"group":"o-1","time":"2023-11-14T22:13:20Z","correlation_id":"30e2c925-97e5-5908-8110-ecabb8c54b2f"},"data":{"total":12.5}}
	// OrderConfirmed 1
}
