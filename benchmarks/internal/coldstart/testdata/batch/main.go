// Command batch is a function with packages logging, metrics, tracing and batch.
package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

var (
	meter    = metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders"})
	accepted = meter.Counter("OrdersAccepted")
	total    = meter.Distribution("OrderTotal", metrics.None)
)

func receive(ctx context.Context, m *batch.Message[order]) error {
	slog.InfoContext(ctx, "order accepted", "order_id", m.Body.ID, "total", m.Body.Total)
	accepted.Add(ctx, 1)
	total.Record(ctx, m.Body.Total)
	return tracing.Run(ctx, "charge card", func(context.Context) error { return nil })
}

func main() {
	logs, tracer := logging.New(nil), tracing.New(nil)
	slog.SetDefault(slog.New(logs))
	lambda.Start(lambdakit.Wrap(batch.SQS(receive, nil), tracer.Middleware, logs.Middleware, meter.Middleware))
}
