package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
)

// Confirmed is the data of OrderConfirmed.
type Confirmed struct {
	Order string `json:"order"`
	Cents int    `json:"cents"`
}

var OrderConfirmed = events.Define[Confirmed]("shop.sales", "OrderConfirmed")

// A function publishes an event, and another one receives it. Memory stands in for a service.
func Example() {
	var service events.Memory
	bus := events.New(&service, nil)
	ctx := context.Background()
	if err := bus.Publish(ctx, OrderConfirmed.New("o-1", Confirmed{Order: "o-1", Cents: 850})); err != nil {
		fmt.Println(err)
	}

	receive := events.NewMux(nil, events.On(OrderConfirmed, func(ctx context.Context, e *events.Event[Confirmed]) error {
		fmt.Println(e.Type, e.Data.Order, e.Data.Cents)
		return nil
	}))
	service.Deliver(ctx, receive)
	// Output: OrderConfirmed o-1 850
}

// A repeated event has the same id.
func ExampleDefinition_New() {
	first := OrderConfirmed.New("o-1", Confirmed{Order: "o-1", Cents: 850})
	again := OrderConfirmed.New("o-1", Confirmed{Order: "o-1", Cents: 850})
	fmt.Println(first.ID == again.ID)
	// Output: true
}

// Version 1 of an event had the total in euros.
func ExampleUpcast() {
	type confirmedV1 struct {
		Order string  `json:"order"`
		Total float64 `json:"total"`
	}
	confirmed := events.Define[Confirmed]("shop.sales", "OrderConfirmed", events.Version(2),
		events.Upcast(1, func(old confirmedV1) (Confirmed, error) {
			return Confirmed{Order: old.Order, Cents: int(old.Total * 100)}, nil
		}))
	e, err := confirmed.Decode([]byte(`{"metadata": {"id": "e-1", "source": "shop.sales", "type": "OrderConfirmed", "version": 1}, "data": {"order": "o-1", "total": 8.5}}`))
	fmt.Println(e.Version, e.Data, err)
	// Output: 2 {o-1 850} <nil>
}

// A service refuses one of two events.
func ExamplePublishError() {
	service := events.Memory{Fail: func(e *events.Entry) error {
		if e.Group == "o-2" {
			return errors.New("not authorized")
		}
		return nil
	}}
	err := events.New(&service, nil).Publish(context.Background(), OrderConfirmed.New("o-1", Confirmed{}), OrderConfirmed.New("o-2", Confirmed{}))
	var failed *events.PublishError
	if errors.As(err, &failed) {
		for _, f := range failed.Failed {
			fmt.Println(f.Type, f.Group, f.Err)
		}
	}
	fmt.Println(len(service.Entries()), "published")
	// Output:
	// OrderConfirmed o-2 not authorized
	// 1 published
}

// A queue gets events that this function does not know, and duplicates.
func ExampleMuxOptions() {
	seen := make(map[string]bool) // in a function: package idempotency
	receive := events.NewMux(&events.MuxOptions{
		Once: func(ctx context.Context, id string, f func(context.Context) error) error {
			if seen[id] {
				return nil
			}
			seen[id] = true
			return f(ctx)
		},
		Unknown: events.Ignore,
	}, events.On(OrderConfirmed, func(ctx context.Context, e *events.Event[Confirmed]) error {
		fmt.Println("confirmed", e.Data.Order)
		return nil
	}))
	handler := receive.SQS(&batch.Options{Concurrency: 4}) // for lambdakit.Wrap
	_ = handler

	var service events.Memory
	bus := events.New(&service, nil)
	for range 2 {
		bus.Publish(context.Background(), OrderConfirmed.New("o-1", Confirmed{Order: "o-1"}))
	}
	bus.Publish(context.Background(), events.Define[Confirmed]("shop.sales", "OrderViewed").New("o-1", Confirmed{}))
	fmt.Println(service.Deliver(context.Background(), receive))
	// Output:
	// confirmed o-1
	// <nil>
}

// The form of an event in a message.
func ExampleEnvelope() {
	var service events.Memory
	bus := events.New(&service, &events.Options{Envelope: events.CloudEvents})
	e := OrderConfirmed.New("o-1", Confirmed{Order: "o-1", Cents: 850})
	bus.Publish(context.Background(), e)
	var cloudEvent struct {
		SpecVersion, Source, Type, DataVersion string
		Data                                   json.RawMessage
	}
	json.Unmarshal(service.Entries()[0].Body, &cloudEvent)
	fmt.Println(cloudEvent.SpecVersion, cloudEvent.Source, cloudEvent.Type, cloudEvent.DataVersion, string(cloudEvent.Data))
	// Output: 1.0 shop.sales OrderConfirmed 1 {"order":"o-1","cents":850}
}
