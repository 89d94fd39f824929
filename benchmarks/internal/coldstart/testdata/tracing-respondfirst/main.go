// Command tracing-respondfirst is a function with Wrap and package tracing, whose spans go to an OTLP backend
// after the response.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
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

func handle(ctx context.Context, o order) (receipt, error) {
	return tracing.Call(ctx, "charge card", func(context.Context) (receipt, error) {
		return receipt{ID: o.ID, Accepted: true}, nil
	})
}

func main() {
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
	lambda.Start(lambdakit.Wrap(handle, lambdakit.RespondFirst, tracer.Middleware))
}
