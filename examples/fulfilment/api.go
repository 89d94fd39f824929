package main

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/logging"
)

// putOrder is the input of PUT /orders/{id}.
type putOrder struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Customer string `json:"customer" required:"true" minLength:"1"`
		Cents    int    `json:"cents" minimum:"1"`
	}
}

// newAPI returns the API of the orders. An order that is put again publishes the same event again, with
// the same id.
func newAPI(bus *events.Bus) http.Handler {
	var api httpapi.API
	api.Handle("PUT /orders/{id}", httpapi.Func(func(ctx context.Context, in putOrder) (Confirmed, error) {
		logging.SetCorrelationID(ctx, in.ID)
		c := Confirmed{OrderID: in.ID, Customer: in.Body.Customer, Cents: in.Body.Cents}
		if err := bus.Publish(ctx, OrderConfirmed.New(in.ID, c)); err != nil {
			return Confirmed{}, err
		}
		slog.InfoContext(ctx, "order confirmed", "cents", c.Cents)
		return c, nil
	}))
	return &api
}
