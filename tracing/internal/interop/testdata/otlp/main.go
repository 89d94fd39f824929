// Command otlp is a function for tests. It sends the same spans as command sdk with package otlp.
package main

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

func main() {
	tracer := tracing.New(&tracing.Options{Name: "shop", Exporter: otlp.New(nil)})
	lambda.Start(lambdakit.Wrap(func(ctx context.Context, _ any) (string, error) {
		tracing.Run(ctx, "charge card", func(ctx context.Context) error {
			tracing.Annotate(ctx, "order", "o-1")
			return errors.New("card declined")
		}, trace.WithSpanKind(trace.SpanKindClient))
		return "ok", nil
	}, tracer.Middleware))
}
