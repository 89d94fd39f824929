package tracing_test

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	xraypropagator "go.opentelemetry.io/contrib/propagators/aws/xray"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/xrayexporter"
)

// The values of an invocation. They are variables, so that the compiler does not know them.
var (
	functionName = "orders-prod" // also the name of the handler span
	spanName     = "charge card" // the name of the spans below it
	service      = "orders"

	event    = []byte(`{"id":"ord-2048-7731","total":12.5}`)
	response = `{"id":"ord-2048-7731","accepted":true}`

	requestID   = "c6af9ac6-7b61-11e6-9a41-93e812345678"
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:orders-prod"

	traceID      = "5759e988bd862e3fe1be46a994272793"
	parentID     = "53995c3f42cd8ad8"
	traceHeaders = map[bool]string{ // the key says whether the trace is sampled
		true:  "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
		false: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
	}

	// The values of the attributes.
	customer = "cust-771-a"
	attempt  = 2
	total    = 12.5
	express  = true
	shop     = "berlin-mitte"
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

// destination is where spans go.
type destination struct {
	daemon   string // address
	exporter sdktrace.SpanExporter
}

// library is one of the compared libraries.
type library struct {
	name    string
	sampled bool // in the trace header
	silent  bool // it sends nothing, even if the trace is sampled
	held    bool // it keeps spans until the invocation ends
	use     func(testing.TB, destination) tracer
}

// tracer makes the spans of a library.
type tracer struct {
	handler    func(function) lambda.Handler                            // with a span for each invocation
	span       func(context.Context, func(context.Context) error) error // below the span in the context
	attributes func(context.Context)                                    // makes a span with five attributes
}

// sends reports whether invocations lead to spans.
func (l library) sends() bool { return l.sampled && !l.silent }

var (
	bare  = library{name: "bare", sampled: true, silent: true, use: useBare}
	frame = library{name: "frame", sampled: true, silent: true, use: useFrame}
	write = library{name: "frame+write", sampled: true, use: useWrite}

	// The libraries that trace.
	libraries = []library{
		{name: "lambdakit-off", sampled: true, silent: true, use: lambdakitOff},
		{name: "lambdakit-unsampled", use: lambdakitOwn},
		{name: "lambdakit-sampled", sampled: true, use: lambdakitOwn},
		{name: "lambdakit-sdk-unsampled", use: lambdakitSDK},
		{name: "lambdakit-sdk-sampled", sampled: true, use: lambdakitSDK},
		{name: "otellambda-unsampled", held: true, use: otellambdaDropping},
		{name: "otellambda-sampled", sampled: true, held: true, use: otellambdaDropping},
		{name: "otellambda-xrayexporter-sampled", sampled: true, held: true, use: otellambdaSending},
		{name: "xray-unsampled", held: true, use: useXRay},
		{name: "xray-sampled", sampled: true, held: true, use: useXRay},
	}

	untracedToo = append([]library{bare, frame}, libraries...)
	invocations = append([]library{bare, frame, write}, libraries...)
)

// newContext returns a context like the one that aws-lambda-go makes, and sets the same
// environment variable. The loop that is measured does not make the context, because it costs
// the same with and without tracing. Its deadline is well after the end of any benchmark.
func newContext(tb testing.TB, sampled bool) context.Context {
	tb.Setenv("_X_AMZN_TRACE_ID", traceHeaders[sampled])
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
		AwsRequestID:       requestID,
		InvokedFunctionArn: functionARN,
	})
	return traceheader.NewContext(ctx, traceHeaders[sampled])
}

// Without spans.

func noSpan(ctx context.Context, f func(context.Context) error) error { return f(ctx) }

func useBare(testing.TB, destination) tracer {
	return tracer{
		handler: func(f function) lambda.Handler { return lambda.NewHandler(f) },
		span:    noSpan,
	}
}

func useFrame(testing.TB, destination) tracer {
	return tracer{
		handler: func(f function) lambda.Handler { return lambdakit.Wrap(f) },
		span:    noSpan,
	}
}

// useWrite sends the datagram that lambdakit sends for an invocation. The datagram is made in
// advance.
func useWrite(tb testing.TB, to destination) tracer {
	conn, datagram := dial(tb, to.daemon), handlerDatagram(tb)
	return tracer{
		handler: func(f function) lambda.Handler {
			return lambdakit.Wrap(func(ctx context.Context, o order) (receipt, error) {
				r, err := f(ctx, o)
				if _, err := conn.Write(datagram); err != nil {
					tb.Error(err)
				}
				return r, err
			})
		},
	}
}

// The toolkit.

func lambdakitOwn(tb testing.TB, to destination) tracer {
	return useLambdakit(tb, tracing.Options{DaemonAddress: to.daemon})
}

func lambdakitOff(tb testing.TB, to destination) tracer {
	return useLambdakit(tb, tracing.Options{DaemonAddress: to.daemon, Disabled: new(true)})
}

func lambdakitSDK(tb testing.TB, to destination) tracer {
	exporter := xrayexporter.New(&xrayexporter.Options{DaemonAddress: to.daemon, OnError: failing(tb)})
	return useLambdakit(tb, tracing.Options{TracerProvider: newProvider(tb, sdktrace.WithSyncer(exporter)), Parent: tracing.ParentLambda})
}

func useLambdakit(tb testing.TB, o tracing.Options) tracer {
	o.Service, o.Name, o.OnError = service, functionName, failing(tb)
	t := tracing.New(&o)
	return tracer{
		handler: func(f function) lambda.Handler { return lambdakit.Wrap(f, t.Middleware) },
		span: func(ctx context.Context, f func(context.Context) error) error {
			return tracing.Run(ctx, spanName, f)
		},
		attributes: func(ctx context.Context) {
			_, sp := tracing.Start(ctx, spanName)
			sp.SetAttributes(
				attribute.String("customer", customer),
				attribute.Int("attempt", attempt),
				attribute.Float64("total", total),
				attribute.Bool("express", express),
				attribute.String("shop", shop),
			)
			sp.End()
		},
	}
}

// failing returns a function for errors that must not happen.
func failing(tb testing.TB) func(error) {
	return func(err error) { tb.Error(err) }
}

// The OpenTelemetry SDK and its instrumentation of Lambda.

func otellambdaDropping(tb testing.TB, to destination) tracer {
	return useOtellambda(tb, to.exporter)
}

func otellambdaSending(tb testing.TB, to destination) tracer {
	return useOtellambda(tb, xrayexporter.New(&xrayexporter.Options{DaemonAddress: to.daemon, OnError: failing(tb)}))
}

// useOtellambda sets otellambda up as its package xrayconfig does. It does not use that package,
// because it brings its own exporters.
func useOtellambda(tb testing.TB, exporter sdktrace.SpanExporter) tracer {
	provider := newProvider(tb, sdktrace.WithBatcher(exporter))
	t := provider.Tracer("orders")
	return tracer{
		handler: func(f function) lambda.Handler {
			return otellambda.WrapHandler(lambda.NewHandler(f),
				otellambda.WithTracerProvider(provider),
				otellambda.WithFlusher(provider),
				otellambda.WithPropagator(xraypropagator.Propagator{}),
				otellambda.WithEventToCarrier(func([]byte) propagation.TextMapCarrier {
					return propagation.HeaderCarrier{"X-Amzn-Trace-Id": {os.Getenv("_X_AMZN_TRACE_ID")}}
				}),
			)
		},
		span: func(ctx context.Context, f func(context.Context) error) error {
			ctx, sp := t.Start(ctx, spanName)
			defer sp.End()
			return f(ctx)
		},
		attributes: func(ctx context.Context) {
			_, sp := t.Start(ctx, spanName)
			sp.SetAttributes(
				attribute.String("customer", customer),
				attribute.Int("attempt", attempt),
				attribute.Float64("total", total),
				attribute.Bool("express", express),
				attribute.String("shop", shop),
			)
			sp.End()
		},
	}
}

func newProvider(tb testing.TB, o sdktrace.TracerProviderOption) *sdktrace.TracerProvider {
	provider := sdktrace.NewTracerProvider(o)
	tb.Cleanup(func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return provider
}

// The X-Ray SDK.

func useXRay(tb testing.TB, to destination) tracer {
	// The process has one emitter. Configure makes it dial again.
	if err := xray.Configure(xray.Config{DaemonAddr: to.daemon}); err != nil {
		tb.Fatal(err)
	}
	return tracer{
		handler: func(f function) lambda.Handler {
			return lambda.NewHandler(func(ctx context.Context, o order) (receipt, error) {
				ctx, seg := xray.BeginSubsegment(ctx, functionName)
				r, err := f(ctx, o)
				seg.Close(err)
				return r, err
			})
		},
		span: func(ctx context.Context, f func(context.Context) error) error {
			return xray.Capture(ctx, spanName, f)
		},
		attributes: func(ctx context.Context) {
			_, seg := xray.BeginSubsegment(ctx, spanName)
			seg.AddMetadata("customer", customer)
			seg.AddMetadata("attempt", attempt)
			seg.AddMetadata("total", total)
			seg.AddMetadata("express", express)
			seg.AddMetadata("shop", shop)
			seg.Close(nil)
		},
	}
}

// dial returns a connected socket.
func dial(tb testing.TB, address string) net.Conn {
	conn, err := net.Dial("udp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return conn
}

// dropping is an exporter that does nothing.
type dropping struct{}

func (dropping) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (dropping) Shutdown(context.Context) error                             { return nil }
