// Command full-otlp is a function with Wrap and packages logging, metrics and tracing, whose spans go to an
// OTLP backend after the response.
package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
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

func handle(ctx context.Context, o order) (receipt, error) {
	slog.InfoContext(ctx, "order accepted", "order_id", o.ID, "total", o.Total)
	accepted.Add(ctx, 1)
	total.Record(ctx, o.Total)
	return tracing.Call(ctx, "charge card", func(context.Context) (receipt, error) {
		return receipt{ID: o.ID, Accepted: true}, nil
	})
}

func main() {
	logs, tracer := logging.New(nil), tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(handle, lambdakit.RespondFirst, tracer.Middleware, logs.Middleware, meter.Middleware))
}
