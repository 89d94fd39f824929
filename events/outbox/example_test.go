package outbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/outbox"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// A function writes the record in a transaction. The stream of the table brings it to the relay, which
// publishes the event.
func Example() {
	record, err := outbox.New(context.Background(), orderConfirmed.New("o-1", confirmed{"o-1"}), nil)
	if err != nil {
		fmt.Println(err)
	}
	// attributevalue.MarshalMap(record) is the item of the transaction.

	var service events.Memory
	relay := outbox.Relay(events.New(&service, nil), nil) // for lambdakit.Wrap
	lambdatest.Run(new(testing.T), relay, lambdatest.DynamoDB("outbox", insert(record)))
	for _, e := range events.Published(&service, orderConfirmed) {
		fmt.Println(e.Type, e.Data.Order)
	}
	// Output: OrderConfirmed o-1
}
