package invocation

import (
	"context"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/prozz/aws-embedded-metrics-golang/emf"
	"github.com/rs/zerolog"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	xraypropagator "go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const millis = "2006-01-02T15:04:05.000Z07:00"

// libraries combines other libraries to write the same output.
func libraries[In, Out any](tb testing.TB, w io.Writer, f function[In, Out]) lambda.Handler {
	zerolog.TimeFieldFormat = millis
	log := zerolog.New(w).With().Timestamp().Str("service", service).
		Str("function_arn", functionARN).Int("function_memory_size", memoryMB).
		Str("function_name", functionName).Str("function_version", functionVersion).Logger()
	var warm atomic.Bool
	h := lambda.NewHandler(f(func(ctx context.Context, f fact) {
		lc, _ := lambdacontext.FromContext(ctx)
		log.Info().Bool("cold_start", !warm.Swap(true)).
			Str("function_request_id", lc.AwsRequestID).Str("xray_trace_id", traceOf(ctx)).
			Str(f.textName, f.text).Float64(f.sizeName, f.size).Msg(message)
		emf.New(emf.WithWriter(w), emf.WithoutDimensions()).
			Namespace(namespace).
			DimensionSet(emf.NewDimension("service", service)).
			Property("function_request_id", lc.AwsRequestID).
			MetricAs("Accepted", 1, emf.Count).
			MetricFloatAs("Size", f.size, emf.None).
			Log()
	}))

	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(dropping{}))
	tb.Cleanup(func() { provider.Shutdown(context.Background()) })
	return otellambda.WrapHandler(h,
		otellambda.WithTracerProvider(provider),
		otellambda.WithFlusher(provider),
		otellambda.WithPropagator(xraypropagator.Propagator{}),
		otellambda.WithEventToCarrier(func([]byte) propagation.TextMapCarrier {
			return propagation.HeaderCarrier{"X-Amzn-Trace-Id": {os.Getenv("_X_AMZN_TRACE_ID")}}
		}),
	)
}

// traceOf returns the trace id in the trace header of the context.
func traceOf(ctx context.Context) string {
	header, _ := ctx.Value("x-amzn-trace-id").(string)
	id, _, _ := strings.Cut(strings.TrimPrefix(header, "Root="), ";")
	return id
}

// dropping is an exporter that must not get any spans.
type dropping struct{}

func (dropping) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	panic("a span that is not sampled was exported")
}
func (dropping) Shutdown(context.Context) error { return nil }
