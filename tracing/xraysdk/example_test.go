package xraysdk_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-xray-sdk-go/v2/xray"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/xraysdk"
)

// The subsegment of xray.Capture is a child of the handler span.
func ExampleMiddleware() {
	daemon := listen(new(testing.T)) // stands in for the X-Ray daemon of Lambda
	handle := func(ctx context.Context, order string) error {
		return xray.Capture(ctx, "charge card", func(context.Context) error { return nil })
	}
	tracer := tracing.New(&tracing.Options{Name: "orders"})
	h := lambdakit.WrapFunc(handle, tracer.Middleware, xraysdk.Middleware) // for lambda.Start

	_, err := h.Invoke(lambdaContext(sampled), []byte(`"o-1"`))
	segments := daemon.take("orders")
	fmt.Println(segments["charge card"]["parent_id"] == segments["orders"]["id"], err)
	// Output: true <nil>
}

// Spans and subsegments are nested in each other.
func ExampleNewProvider() {
	daemon := listen(new(testing.T)) // stands in for the X-Ray daemon of Lambda
	handle := func(ctx context.Context, order string) error {
		return tracing.Run(ctx, "charge card", func(ctx context.Context) error {
			return xray.Capture(ctx, "connect", func(context.Context) error { return nil })
		})
	}
	tracer := tracing.New(&tracing.Options{Name: "orders", TracerProvider: xraysdk.NewProvider()})
	h := lambdakit.WrapFunc(handle, tracer.Middleware) // for lambda.Start

	_, err := h.Invoke(lambdaContext(sampled), []byte(`"o-1"`))
	segments := daemon.take("orders")
	fmt.Println(segments["connect"]["parent_id"] == segments["charge card"]["id"], err)
	// Output: true <nil>
}
