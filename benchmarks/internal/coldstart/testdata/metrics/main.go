// Command metrics is a function with Wrap and package metrics.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/metrics"
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
	accepted.Add(ctx, 1)
	total.Record(ctx, o.Total)
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() { lambda.Start(lambdakit.Wrap(handle, meter.Middleware)) }
