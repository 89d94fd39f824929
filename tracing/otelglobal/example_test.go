package otelglobal_test

import (
	"context"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
)

// find is a function of a library that uses OpenTelemetry's global provider.
func find(ctx context.Context, _ string) {
	_, span := otel.Tracer("search").Start(ctx, "find")
	defer span.End()
}

type Order struct{ ID string }

func ExampleSet() {
	tracer := tracing.New(&tracing.Options{Name: "orders"})
	otelglobal.Set(tracer)
	handler := func(ctx context.Context, o Order) (any, error) {
		find(ctx, o.ID)
		return nil, nil
	}

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{"o-1"})

	fmt.Println(res.Span("find").ParentID == res.Span("orders").ID)
	// Output: true
}
