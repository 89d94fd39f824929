// Command otel-api is a function with OpenTelemetry's API and without a TracerProvider.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
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
	_, span := trace.SpanFromContext(ctx).TracerProvider().Tracer("orders").Start(ctx, "charge card")
	defer span.End()
	span.SetAttributes(attribute.String("order_id", o.ID))
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() { lambda.Start(handle) }
