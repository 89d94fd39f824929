package main

import (
	"context"
	"log/slog"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/metrics"
)

// newLoyalty returns the function that books points, one for each euro, once for each event.
func newLoyalty(meter *metrics.Meter, once *idempotency.Guard) *events.Mux {
	points := meter.Counter("PointsBooked")
	once = once.Scope("loyalty")
	return events.NewMux(&events.MuxOptions{
		Once: func(ctx context.Context, id string, f func(context.Context) error) error {
			return idempotency.Run(ctx, once, id, f)
		},
	},
		events.On(OrderConfirmed, func(ctx context.Context, e *events.Event[Confirmed]) error {
			points.Add(ctx, float64(e.Data.Cents/100))
			slog.InfoContext(ctx, "points booked", "customer", e.Data.Customer, "points", e.Data.Cents/100)
			return nil
		}),
		events.On(OrderShipped, func(ctx context.Context, e *events.Event[Shipped]) error {
			slog.InfoContext(ctx, "customer told about the parcel", "parcel", e.Data.Parcel)
			return nil
		}),
	)
}
