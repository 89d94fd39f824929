package otlp_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// The values of an invocation. They are variables, so that the compiler does not know them.
var (
	functionName = "orders-prod" // also the name of the handler span
	spanName     = "charge card" // the name of the spans below it
	customer     = "cust-771-a"
	attempt      = 2
	express      = true

	event    = []byte(`{"id":"ord-2048-7731","total":12.5}`)
	response = `{"id":"ord-2048-7731","accepted":true}`
)

type order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type receipt struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

type function = func(context.Context, order) (receipt, error)

// accept returns a function that calls f unless f is nil.
func accept(f func(context.Context)) function {
	return func(ctx context.Context, o order) (receipt, error) {
		if f != nil {
			f(ctx)
		}
		return receipt{ID: o.ID, Accepted: true}, nil
	}
}

// tracer makes the spans of a library.
type tracer struct {
	handler func(function) lambda.Handler // with a span for each invocation, and a request at its end
	span    func(context.Context)         // with three attributes, below the span in the context
}

// library is one of the compared libraries.
type library struct {
	name string
	use  func(tb testing.TB, url string, client *http.Client) tracer // client may be nil
}

// libraries are the libraries that send spans.
var libraries = []library{{"lambdakit", useLambdakit}, {"sdk", useSDK}}

func useLambdakit(tb testing.TB, url string, client *http.Client) tracer {
	failed := func(err error) { tb.Error(err) }
	t := tracing.New(&tracing.Options{
		Exporter: otlp.New(&otlp.Options{Endpoint: url, Client: client, OnError: failed}),
		Service:  "orders", Name: functionName, OnError: failed,
	})
	return tracer{
		handler: func(f function) lambda.Handler { return lambdakit.Wrap(f, t.Middleware) },
		span: func(ctx context.Context) {
			_, sp := tracing.Start(ctx, spanName)
			describe(sp)
			sp.End()
		},
	}
}

func useSDK(tb testing.TB, url string, client *http.Client) tracer {
	options := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(url + "/v1/traces")}
	if client != nil {
		options = append(options, otlptracehttp.WithHTTPClient(client))
	}
	exporter, err := otlptracehttp.New(context.Background(), options...)
	if err != nil {
		tb.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	tb.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	t := provider.Tracer("orders")
	return tracer{
		handler: func(f function) lambda.Handler {
			return lambda.NewHandler(func(ctx context.Context, o order) (receipt, error) {
				in, sp := t.Start(ctx, functionName, trace.WithSpanKind(trace.SpanKindServer))
				r, err := f(in, o)
				sp.End()
				if err := provider.ForceFlush(ctx); err != nil {
					tb.Error(err)
				}
				return r, err
			})
		},
		span: func(ctx context.Context) {
			_, sp := t.Start(ctx, spanName)
			describe(sp)
			sp.End()
		},
	}
}

func describe(sp trace.Span) {
	sp.SetAttributes(attribute.String("customer", customer), attribute.Int("attempt", attempt), attribute.Bool("express", express))
}

// newContext returns a context like the one that aws-lambda-go makes. Its deadline is well after the
// end of any benchmark.
func newContext(tb testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	tb.Cleanup(cancel)
	ctx = execenv.NewContext(ctx, &execenv.Environment{
		FunctionName:    functionName,
		FunctionVersion: "$LATEST",
		MemoryMB:        512,
		OnDemand:        true,
		Runtime:         true, // timers are reused, as in Lambda
	})
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID:       "c6af9ac6-7b61-11e6-9a41-93e812345678",
		InvokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:orders-prod",
	})
	return traceheader.NewContext(ctx, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0")
}
