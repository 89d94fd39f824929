package otlp_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// The endpoint and the key come from OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS.
func Example() {
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
	handler := lambdakit.Wrap(func(ctx context.Context, id string) (string, error) {
		return tracing.Call(ctx, "charge card", func(context.Context) (string, error) { return "receipt of " + id, nil })
	}, lambdakit.RespondFirst, tracer.Middleware)

	// In main: lambda.Start(handler). A test gets the spans, and nothing is sent.
	res := lambdatest.Run(new(testing.T), handler, `"o-1"`)
	fmt.Printf("%s\n", res.Response)
	fmt.Println("below", res.Span("charge card").ParentID == res.Span("function").ID)
	// Output:
	// "receipt of o-1"
	// below true
}

// The key comes from a parameter, not from an environment variable.
func ExampleNew_headers() {
	key := "from package params"
	tracer := tracing.New(&tracing.Options{
		Exporter: otlp.New(&otlp.Options{
			Endpoint: "https://api.eu1.honeycomb.io",
			Headers:  map[string]string{"x-honeycomb-team": key},
		}),
		Sampler: tracing.ParentBased(tracing.TraceIDRatioBased(0.1)), // a tenth of the traces without a caller
	})
	fmt.Println(tracer != nil)
	// Output: true
}
