package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

// api answers HTTP requests.
type api struct {
	log      *slog.Logger
	payments *payments
	once     *idempotency.Guard

	accepted, refused metrics.Counter
	total             metrics.Distribution
	chargeTime        metrics.Duration
}

// routes returns the operations of the API.
func (a *api) routes() *httpapi.API {
	routes := new(httpapi.API)
	routes.Handle("POST /orders", httpapi.Func(a.post,
		httpapi.About(httpapi.Doc{ID: "postOrder", Summary: "Take an order once", Status: http.StatusCreated}),
		httpapi.OnError(ErrDeclined, http.StatusPaymentRequired),
		httpapi.OnError(idempotency.ErrPayloadMismatch, http.StatusUnprocessableEntity), // another order under the same id
		httpapi.OnError(idempotency.ErrInProgress, http.StatusConflict),
		httpapi.OnProblem(a.problem),
	))
	return routes
}

type postOrder struct {
	Body Order
}

// post takes an order once.
func (a *api) post(ctx context.Context, in postOrder) (httpapi.Response[Receipt], error) {
	order := in.Body.withID()
	logging.Append(ctx, "order_id", order.ID)   // in all later lines of this invocation
	tracing.Annotate(ctx, "order_id", order.ID) // X-Ray can search for it
	a.log.DebugContext(ctx, "order parsed", "items", order.Items)

	receipt, err := idempotency.Call(ctx, a.once, order, func(ctx context.Context) (Receipt, error) {
		return a.take(ctx, order)
	})
	if err != nil {
		return httpapi.Response[Receipt]{}, fmt.Errorf("order %s: %w", order.ID, err)
	}
	return httpapi.Response[Receipt]{Status: http.StatusCreated, Body: receipt}, nil
}

// take charges an order. Duplicates get the receipt that it returns. An error is not stored.
func (a *api) take(ctx context.Context, order Order) (Receipt, error) {
	timer := a.chargeTime.Start(ctx)
	payment, err := tracing.Call(ctx, "charge card", func(ctx context.Context) (string, error) {
		return a.payments.Charge(ctx, order)
	})
	timer.Stop()
	if err != nil {
		return Receipt{}, fmt.Errorf("charge: %w", err)
	}
	a.log.InfoContext(ctx, "order accepted", "total", order.Total(), "items", len(order.Items))
	a.accepted.Add(ctx, 1)
	a.total.Record(ctx, order.Total())
	return Receipt{OrderID: order.ID, PaymentID: payment, Total: order.Total()}, nil
}

// problem counts and logs the orders that were refused.
func (a *api) problem(ctx context.Context, e *httpapi.Error) {
	if e.Status >= 500 {
		return // the line about the failure says it
	}
	a.log.WarnContext(ctx, "order refused", "status", e.Status, "error", e)
	a.refused.With("status", fmt.Sprint(e.Status)).Add(ctx, 1)
}
