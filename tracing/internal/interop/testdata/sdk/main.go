// Command sdk is a function for tests. It sends spans with the OpenTelemetry SDK, without the toolkit.
package main

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	tracer := provider.Tracer("shop")
	lambda.Start(func(ctx context.Context) (string, error) {
		defer provider.ForceFlush(ctx)
		ctx, span := tracer.Start(ctx, "shop", trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		_, call := tracer.Start(ctx, "charge card", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("order", "o-1")))
		defer call.End()
		err := errors.New("card declined")
		call.RecordError(err)
		call.SetStatus(codes.Error, err.Error())
		return "ok", nil
	})
}
