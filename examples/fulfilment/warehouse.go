package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/adapter"
)

// newWarehouse returns the function that calls the warehouse. Its queue gets OrderConfirmed, and
// OrderShipped, which is not for the warehouse.
func newWarehouse(client *http.Client, url string, bus *events.Bus) func(context.Context, batch.Event) (batch.Response, error) {
	ship := adapter.New(
		func(ctx context.Context, m *batch.Message[events.Event[Confirmed]]) (*http.Request, error) {
			body, err := json.Marshal(map[string]string{"order": m.Body.Data.OrderID})
			if err != nil {
				return nil, err
			}
			return http.NewRequestWithContext(ctx, http.MethodPost, url+"/parcels", bytes.NewReader(body))
		},
		&adapter.Options[events.Event[Confirmed]]{
			Client:   client,
			Rate:     20,
			InFlight: 2,
			Timeout:  2 * time.Second,
		})
	return batch.SQS(ship.Handle, &batch.Options{Concurrency: 4, Unwrap: []batch.Envelope{batch.EventBridge}})
}
