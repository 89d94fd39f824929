// Command httpapi-typed is a function with packages logging, metrics, tracing and httpapi, and a typed
// operation.
package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

type putOrder struct {
	ID   string `path:"id"`
	Body struct {
		Total float64 `json:"total" minimum:"0"`
	}
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

var (
	meter    = metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	accepted = meter.Counter("OrdersAccepted")
	total    = meter.Distribution("OrderTotal", metrics.None)
)

func put(ctx context.Context, in putOrder) (receipt, error) {
	slog.InfoContext(ctx, "order accepted", "order_id", in.ID, "total", in.Body.Total)
	accepted.Add(ctx, 1)
	total.Record(ctx, in.Body.Total)
	return tracing.Call(ctx, "charge card", func(context.Context) (receipt, error) {
		return receipt{ID: in.ID, Accepted: true}, nil
	})
}

func main() {
	logs, tracer := logging.New(nil), tracing.New(nil)
	slog.SetDefault(slog.New(logs))
	var api httpapi.API
	api.Handle("PUT /orders/{id}", httpapi.Func(put))
	lambda.Start(httpapi.Wrap(&api, tracer.Middleware, logs.Middleware, meter.Middleware))
}
