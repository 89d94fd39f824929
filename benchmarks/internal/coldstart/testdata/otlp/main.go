// Command otlp is a function with OpenTelemetry's SDK and otlptracehttp. It flushes its spans in each
// invocation, because Lambda freezes the process after it.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"
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
	_, span := otel.Tracer("orders").Start(ctx, "charge card")
	defer span.End()
	span.SetAttributes(attribute.String("order_id", o.ID))
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter))
	otel.SetTracerProvider(provider)
	lambda.Start(func(ctx context.Context, o order) (receipt, error) {
		defer provider.ForceFlush(ctx)
		ctx, span := provider.Tracer("orders").Start(ctx, "orders")
		defer span.End()
		return handle(ctx, o)
	})
}
