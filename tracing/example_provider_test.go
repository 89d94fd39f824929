package tracing_test

import (
	"context"
	"fmt"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

// The OpenTelemetry SDK creates the spans and exports them at the end of each invocation.
func ExampleNew_tracerProvider() {
	exporter := tracetest.NewInMemoryExporter() // in a function: an OTLP exporter
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})

	lambdatest.Run(new(testing.T), lambdakit.Wrap(handle, tracer.Middleware), Order{"o-1", "acme"})

	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output:
	// charge card
	// ## function
}

// search is a library that is instrumented with OpenTelemetry.
type search struct{ tracer trace.Tracer }

func newSearch(p trace.TracerProvider) *search { return &search{p.Tracer("search")} }

func (s *search) Find(ctx context.Context, _ string) {
	_, span := s.tracer.Start(ctx, "find")
	defer span.End()
}

// A Provider is a trace.TracerProvider, so instrumented libraries accept it.
func ExampleProvider_Tracer() {
	tracer := tracing.New(&tracing.Options{Name: "orders"})
	products := newSearch(tracer)
	handler := func(ctx context.Context, o Order) (any, error) {
		products.Find(ctx, o.ID)
		return nil, nil
	}

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{ID: "o-1"})

	fmt.Println(res.Span("find").ParentID == res.Span("orders").ID)
	// Output: true
}
