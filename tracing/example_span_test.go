package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// The span records the error. The caller gets the same error and can handle it.
func ExampleRun() {
	errSoldOut := errors.New("sold out")
	handler := func(ctx context.Context, o Order) (string, error) {
		err := tracing.Run(ctx, "reserve stock", func(context.Context) error { return errSoldOut })
		if err == errSoldOut {
			return "back-ordered", nil
		}
		return "reserved", err
	}
	tracer := tracing.New(nil)

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{ID: "o-1"})

	fmt.Println(string(res.Response), res.Span("reserve stock").Status)
	// Output: "back-ordered" Error
}

func ExampleCall() {
	handler := func(ctx context.Context, o Order) (Receipt, error) {
		return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
			return charge(ctx, o)
		})
	}
	tracer := tracing.New(&tracing.Options{Name: "orders"})

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{ID: "o-1"})

	fmt.Println(string(res.Response))
	fmt.Println(res.Span("charge card").ParentID == res.Span("orders").ID)
	// Output:
	// {"Payment":"p-1"}
	// true
}

// Start is for spans with options, such as a kind, a link or attributes.
func ExampleStart() {
	handler := func(ctx context.Context, o Order) (any, error) {
		_, span := tracing.Start(ctx, "warehouse",
			trace.WithSpanKind(trace.SpanKindClient), // a node of the trace map
			trace.WithAttributes(attribute.String("rpc.method", "Reserve")),
		)
		defer span.End()
		return nil, nil
	}
	tracer := tracing.New(nil)

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{ID: "o-1"})

	fmt.Println(res.Span("warehouse").Kind)
	// Output: client
}

// Annotations belong to the span in the context, here the handler span.
func ExampleAnnotate() {
	handler := func(ctx context.Context, o Order) (any, error) {
		tracing.Annotate(ctx, "customer", o.Customer)
		tracing.Annotate(ctx, "items", 3)
		return nil, nil
	}
	tracer := tracing.New(&tracing.Options{Name: "orders"})

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{"o-1", "acme"})

	attributes := res.Span("orders").Attributes
	fmt.Println(attributes["customer"], attributes["items"])
	// Output: acme 3
}

func ExampleAddMetadata() {
	handler := func(ctx context.Context, o Order) (any, error) {
		tracing.AddMetadata(ctx, "order", o)
		return nil, nil
	}
	tracer := tracing.New(&tracing.Options{Name: "handler", Service: "orders"})

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{"o-1", "acme"})

	fmt.Println(res.Segment("handler").Metadata["orders"]["order"])
	// Output: map[Customer:acme ID:o-1]
}
