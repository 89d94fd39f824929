// Command libraries is a function with zerolog, prozz/aws-embedded-metrics-golang, OpenTelemetry's SDK and
// otlptracehttp. It flushes its spans in each invocation.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/prozz/aws-embedded-metrics-golang/emf"
	"github.com/rs/zerolog"
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

var log = zerolog.New(os.Stdout).With().Timestamp().Logger()

func handle(ctx context.Context, o order) (receipt, error) {
	log.Info().Str("order_id", o.ID).Float64("total", o.Total).Msg("order accepted")
	emf.New(emf.WithoutDimensions()).
		Namespace("Shop").
		DimensionSet(emf.NewDimension("service", "orders")).
		MetricAs("OrdersAccepted", 1, emf.Count).
		MetricFloatAs("OrderTotal", o.Total, emf.None).
		Log()
	_, span := otel.Tracer("orders").Start(ctx, "charge card")
	defer span.End()
	span.SetAttributes(attribute.String("order_id", o.ID))
	return receipt{ID: o.ID, Accepted: true}, nil
}

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		log.Fatal().Err(err).Send()
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
