package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/adapter"
)

// confirmation is a message of the queue.
type confirmation = batch.Message[events.Event[Confirmed]]

// olderSystem is the address of the warehouse, and how it is called.
type olderSystem struct {
	url       string
	transport http.RoundTripper
	pause     time.Duration // of the breaker; 0: the default
}

// newWarehouse returns the function that orders a parcel from the warehouse for each OrderConfirmed, and
// publishes OrderShipped. The warehouse takes two calls at a time. It knows a repeated call by its
// Idempotency-Key, which is the id of the event.
func newWarehouse(system olderSystem, bus *events.Bus) func(context.Context, batch.Event) (batch.Response, error) {
	ship := adapter.New(
		func(ctx context.Context, m *confirmation) (*http.Request, error) {
			order, err := json.Marshal(map[string]string{"order": m.Body.Data.OrderID})
			if err != nil {
				return nil, err
			}
			return http.NewRequestWithContext(ctx, http.MethodPost, system.url+"/parcels", bytes.NewReader(order))
		},
		&adapter.Options[events.Event[Confirmed]]{
			Client:   &http.Client{Transport: system.transport},
			Rate:     20,
			InFlight: 2,
			Timeout:  2 * time.Second,
			OpenFor:  system.pause,
			Key:      func(m *confirmation) string { return m.Body.ID },
			Reply:    shipped,
			Bus:      bus,
		})
	return batch.SQS(ship.Handle, &batch.Options{
		Concurrency:   4,
		Unwrap:        []batch.Envelope{batch.EventBridge},
		Decoder:       OrderConfirmed.Decoder,
		CorrelationID: events.CorrelationID,
	})
}

// shipped makes an event of the answer of the warehouse.
func shipped(ctx context.Context, m *confirmation, r *http.Response) (events.Publishable, error) {
	var parcel struct {
		Number string `json:"number"`
	}
	if err := json.NewDecoder(r.Body).Decode(&parcel); err != nil {
		return nil, fmt.Errorf("the answer of the warehouse is no parcel: %w", err)
	}
	order := m.Body.Data.OrderID
	slog.InfoContext(ctx, "parcel ordered", "parcel", parcel.Number)
	return OrderShipped.New(order, Shipped{OrderID: order, Parcel: parcel.Number}).CausedBy(m.Body.Metadata), nil
}
