package eventbridgebus_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/lambdakit/lambdakit/aws/eventbridgebus"
	"github.com/lambdakit/lambdakit/events"
)

// service is EventBridge in memory.
type service struct {
	requests []*eventbridge.PutEventsInput
	answer   func(*eventbridge.PutEventsInput) (*eventbridge.PutEventsOutput, error) // nil: it takes all events
}

func (s *service) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	s.requests = append(s.requests, in)
	if s.answer != nil {
		return s.answer(in)
	}
	return &eventbridge.PutEventsOutput{Entries: make([]types.PutEventsResultEntry, len(in.Entries))}, nil
}

type confirmed struct {
	Total float64 `json:"total"`
}

var orderConfirmed = events.Define[confirmed]("shop.orders", "OrderConfirmed")

// An event is published to the event bus "shop".
func ExampleNew() {
	client := &service{} // in Lambda: nil
	bus := events.New(eventbridgebus.New(client, "shop", nil), &events.Options{Now: func() time.Time { return time.Unix(1700000000, 0) }})
	err := bus.Publish(context.Background(), orderConfirmed.New("o-1", confirmed{Total: 12.5}))
	fmt.Println(err)
	e := client.requests[0].Entries[0]
	fmt.Println(aws.ToString(e.EventBusName), aws.ToString(e.Source), aws.ToString(e.DetailType))
	fmt.Println(aws.ToString(e.Detail))
	// Output:
	// <nil>
	// shop shop.orders OrderConfirmed
	// {"metadata":{"id":"30e2c925-97e5-5908-8110-ecabb8c54b2f","source":"shop.orders","type":"OrderConfirmed","version":1,"group":"o-1","time":"2023-11-14T22:13:20Z","correlation_id":"30e2c925-97e5-5908-8110-ecabb8c54b2f"},"data":{"total":12.5}}
}
