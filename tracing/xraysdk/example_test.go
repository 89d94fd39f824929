package xraysdk_test

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/xray"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/xraysdk"
)

// The subsegment of xray.Capture is a child of the handler span.
func ExampleMiddleware() {
	handle := func(ctx context.Context, order string) (string, error) {
		err := xray.Capture(ctx, "charge card", func(context.Context) error { return nil })
		return "charged", err
	}
	tracer := tracing.New(nil)

	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware, xraysdk.Middleware))
}

// Spans and subsegments are nested in each other.
func ExampleNewProvider() {
	handle := func(ctx context.Context, order string) (string, error) {
		return tracing.Call(ctx, "charge card", func(ctx context.Context) (string, error) {
			err := xray.Capture(ctx, "connect", func(context.Context) error { return nil })
			return "charged", err
		})
	}
	tracer := tracing.New(&tracing.Options{TracerProvider: xraysdk.NewProvider()})

	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
}
