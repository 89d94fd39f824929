package tracing_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
)

type (
	Order   struct{ ID, Customer string }
	Receipt struct{ Payment string }
)

func charge(context.Context, Order) (Receipt, error) { return Receipt{"p-1"}, nil }

func handle(ctx context.Context, o Order) (Receipt, error) {
	tracing.Annotate(ctx, "customer", o.Customer) // X-Ray can search traces by customer
	return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
		return charge(ctx, o)
	})
}

func Example() {
	tracer := tracing.New(nil)

	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
}

// Package lambdatest returns the segments that a test would send to X-Ray.
func Example_test() {
	tracer := tracing.New(&tracing.Options{Service: "orders"})

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handle, tracer.Middleware), Order{"o-1", "acme"})

	for _, s := range res.Segments {
		fmt.Println(s.Name, s.Annotations)
	}
	// Output:
	// charge card map[]
	// ## function map[ColdStart:true Service:orders customer:acme]
}

// LogAttrs adds the ids of the span to log lines. The order of the two middleware functions does not
// matter.
func ExampleLogAttrs() {
	logs := logging.New(&logging.Options{FromContext: tracing.LogAttrs})
	logger := slog.New(logs)
	tracer := tracing.New(&tracing.Options{Name: "orders"})
	handler := func(ctx context.Context, o Order) {
		logger.InfoContext(ctx, "order accepted")
	}

	res := lambdatest.Run(new(testing.T), lambdakit.WrapFunc(handler, logs.Middleware, tracer.Middleware), Order{ID: "o-1"})

	fmt.Println(res.Log("order accepted")["span_id"] == res.Span("orders").ID)
	// Output: true
}
