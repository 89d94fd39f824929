package jsonschema_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/jsonschema"
)

type Payment struct {
	Amount   int    `json:"amount"`
	Currency string `json:"currency"`
}

// The schema comes from the type, so members cannot be missing.
func ExampleFor() {
	received := events.Define[Payment]("shop.payments", "PaymentReceived",
		events.Check(jsonschema.For[Payment]()))

	_, err := received.Decode([]byte(`{"metadata": {"source": "shop.payments", "type": "PaymentReceived"}, "data": {"currency": "EUR"}}`))
	fmt.Println(err)
	// Output: events: the data of PaymentReceived: jsonschema: violates required, missing properties: ["amount"]
}

// The schema is a file that other systems use, too. It can say more than a type.
func ExampleMust() {
	contract := []byte(`{
		"properties": {
			"amount":   {"type": "integer", "exclusiveMinimum": 0},
			"currency": {"enum": ["EUR", "USD"]}
		}
	}`)
	received := events.Define[Payment]("shop.payments", "PaymentReceived",
		events.Check(jsonschema.Must(contract)))

	bus := events.New(sender(func(int) {}), nil)
	err := bus.Publish(context.Background(), received.New("p-1", Payment{Amount: -5, Currency: "EUR"}))
	if invalid, ok := errors.AsType[*jsonschema.Error](err); ok {
		fmt.Println(invalid.Path, invalid.Keyword)
	}
	// Output: amount exclusiveMinimum
}
