// Command events is a function for tests. It publishes an event for each order, and handles the events
// that its queues deliver. The event of the order "loop" publishes itself again.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
)

type order struct {
	ID string `json:"id"`
}

var (
	placed  = events.Define[order]("shop", "OrderPlaced")
	shipped = events.Define[order]("shop", "OrderShipped")
	bus     = events.New(events.Local(new(events.Memory)), nil)
	tries   = map[string]int{}
)

func main() {
	mux := events.NewMux(nil, events.On(placed, onPlaced), events.On(shipped, onShipped))
	queue := mux.SQS(nil)
	lambda.Start(func(ctx context.Context, payload json.RawMessage) (any, error) {
		if strings.HasPrefix(string(payload), `{"Records"`) {
			var e batch.Event
			e.UnmarshalEvent(payload)
			return queue(ctx, e)
		}
		var o order
		if err := json.Unmarshal(payload, &o); err != nil {
			return nil, err
		}
		return nil, bus.Publish(ctx, placed.New(o.ID, o))
	})
}

func onPlaced(ctx context.Context, e *events.Event[order]) error {
	tries[e.ID]++
	fmt.Println("placed:", e.Data.ID, tries[e.ID])
	switch {
	case e.Data.ID == "busy" && tries[e.ID] == 1:
		return errors.New("busy")
	case e.Data.ID == "lost":
		return errors.New("lost")
	case e.Data.ID == "loop":
		return bus.Publish(ctx, placed.New("loop", e.Data))
	}
	return bus.Publish(ctx, shipped.New(e.Data.ID, e.Data))
}

func onShipped(_ context.Context, e *events.Event[order]) error {
	fmt.Println("shipped:", e.Data.ID)
	return nil
}
