package migrate_test

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
	"github.com/lambdakit/lambdakit/tracing/otlp"
	"github.com/lambdakit/lambdakit/tracing/xrayexporter"
)

func Example_otelBefore() {
	// guide: otel-before
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx) // to the collector in the ADOT layer
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	otel.SetTracerProvider(provider)
	lambda.Start(otellambda.InstrumentHandler(charge,
		otellambda.WithTracerProvider(provider),
		otellambda.WithFlusher(provider)))
	// end
}

func Example_otelXRay() {
	// guide: otel-xray
	tracer := tracing.New(nil) // to X-Ray, without collector and layer
	otelglobal.Set(tracer)     // only if libraries use the global provider
	lambda.Start(lambdakit.Wrap(charge, tracer.Middleware))
	// end
}

func Example_otelBackend() {
	// guide: otel-backend
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)}) // OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS
	lambda.Start(lambdakit.Wrap(charge, lambdakit.RespondFirst, tracer.Middleware))
	// end
}

func Example_otelSDK() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	// guide: otel-sdk
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	tracer := tracing.New(&tracing.Options{TracerProvider: provider}) // flushed after each invocation
	lambda.Start(lambdakit.Wrap(charge, lambdakit.RespondFirst, tracer.Middleware))
	// end
}

func Example_otelSDKToXRay() {
	// guide: otel-sdk-xray
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(xrayexporter.New(nil)))
	tracer := tracing.New(&tracing.Options{TracerProvider: provider, Parent: tracing.ParentLambda})
	// end
	_ = tracer
}
