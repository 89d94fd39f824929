package guide_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
	"github.com/lambdakit/lambdakit/tracing/otelglobal"
	"github.com/lambdakit/lambdakit/tracing/otlp"
	"github.com/lambdakit/lambdakit/tracing/otlp/cloudwatch"
)

func Example_tracingStart() {
	// guide: tracing-start
	tracer := tracing.New(&tracing.Options{Service: "orders"})
	lambda.Start(lambdakit.Wrap(chargeOrder, tracer.Middleware))
	// end
}

// guide: tracing-handler
func chargeOrder(ctx context.Context, o Order) (Receipt, error) {
	tracing.Annotate(ctx, "order_id", o.ID) // X-Ray can search for it
	return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
		return charge(ctx, o)
	})
}

// end

func Example_tracingHandler() {
	tracer := tracing.New(&tracing.Options{Service: "orders"})
	res := lambdatest.Run(t, lambdakit.Wrap(chargeOrder, tracer.Middleware), bad)
	for _, s := range res.Spans {
		fmt.Printf("%s: %s %s, order_id %v\n", s.Name, s.Status, s.StatusMessage, s.Attributes["order_id"])
	}
	// Output:
	// ## function: Error card declined, order_id o-1002
	// charge card: Error card declined, order_id <nil>
}

func Example_tracingSpans() {
	tracer := tracing.New(nil)
	reserve := func(context.Context, Order) error { return nil }
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		// guide: tracing-spans
		err := tracing.Run(ctx, "reserve stock", func(ctx context.Context) error {
			return reserve(ctx, o)
		})
		if err != nil {
			return Receipt{}, err
		}
		ctx, span := tracing.Start(ctx, "pack", trace.WithAttributes(attribute.Int("parcels", 2)))
		defer span.End()
		tracing.AddMetadata(ctx, "order", o) // X-Ray shows it and does not search it
		// end
		return charge(ctx, o)
	}
	res := lambdatest.Run(t, lambdakit.Wrap(handle, tracer.Middleware), good)
	fmt.Println(res.Span("reserve stock").Status, res.Span("pack").Attributes["parcels"])
	// Output:
	// Unset 2
}

func Example_tracingHTTP() {
	payments := httptest.NewServer(http.NotFoundHandler())
	defer payments.Close()
	// guide: tracing-http
	client := &http.Client{Transport: &tracing.Transport{}}
	handle := func(ctx context.Context, o Order) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, payments.URL+"/orders/"+o.ID, nil)
		if err != nil {
			return err
		}
		res, err := client.Do(req) // a span, and the trace header in the request
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	// end
	tracer := tracing.New(nil)
	res := lambdatest.Run(t, lambdakit.WrapFunc(handle, tracer.Middleware), good)
	fmt.Println(res.Segment("127.0.0.1").Error)
	// Output:
	// true
}

func Example_tracingAWS() {
	var cfg aws.Config
	// guide: tracing-aws
	awssdk.Instrument(&cfg) // before the clients are made
	client := dynamodb.NewFromConfig(cfg)
	// end
	_ = client
}

func Example_tracingAWSErrors() {
	var client *dynamodb.Client
	var input *dynamodb.PutItemInput
	put := func(ctx context.Context) error {
		// guide: tracing-aws-errors
		ctx = awssdk.ExpectErrors(ctx, "ConditionalCheckFailedException") // a normal answer, not a failure
		_, err := client.PutItem(ctx, input)
		// end
		return err
	}
	_ = put
}

// search is a client that is instrumented with OpenTelemetry.
type search struct{ tracer trace.Tracer }

func newSearch(p trace.TracerProvider) *search { return &search{p.Tracer("search")} }

func Example_tracingLibraries() {
	tracer := tracing.New(nil)
	// guide: tracing-libraries
	products := newSearch(tracer) // func newSearch(p trace.TracerProvider) *search
	otelglobal.Set(tracer)        // for libraries that know only the global provider
	// end
	_ = products
}

func Example_tracingLogs() {
	// guide: tracing-logs
	logs := logging.New(&logging.Options{FromContext: tracing.LogAttrs}) // trace_id and span_id
	// end
	slog.SetDefault(slog.New(logs))
	tracer := tracing.New(nil)
	res := lambdatest.Run(t, lambdakit.Wrap(takeOrder, logs.Middleware, tracer.Middleware), good)
	fmt.Println(res.Log("order received")["span_id"] == res.Span("## function").ID)
	// Output:
	// true
}

func Example_tracingOTLP() {
	// guide: tracing-otlp
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
	lambda.Start(lambdakit.Wrap(chargeOrder, lambdakit.RespondFirst, tracer.Middleware))
	// end
}

func Example_tracingOTLPKey() {
	var key lambdakit.Secret
	// guide: tracing-otlp-key
	exporter := otlp.New(&otlp.Options{
		Endpoint: "https://api.honeycomb.io",
		Headers:  map[string]string{"x-honeycomb-team": key.Reveal()}, // a parameter that main has read
	})
	tracer := tracing.New(&tracing.Options{
		Exporter: exporter,
		Sampler:  tracing.ParentBased(tracing.TraceIDRatioBased(0.1)),
	})
	// end
	_ = tracer
}

func Example_tracingCloudWatch() {
	// guide: tracing-cloudwatch
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(cloudwatch.Options(nil))})
	// end
	_ = tracer
}

func Example_tracingFlush() {
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
	handler := lambdakit.Wrap(chargeOrder, lambdakit.RespondFirst, tracer.Middleware)
	// guide: tracing-flush
	lambda.StartWithOptions(handler, lambda.WithEnableSIGTERM(lambdakit.Shutdown))
	// end
}

func Example_tracingMessages() {
	send := func(header, parent string) {}
	handle := func(ctx context.Context) {
		// guide: tracing-messages
		header := tracing.Header(ctx)      // the value of X-Amzn-Trace-Id
		parent := tracing.TraceParent(ctx) // the value of traceparent
		// end
		send(header, parent)
	}
	lambdatest.Run(t, lambdakit.WrapFunc(handle, tracing.New(nil).Middleware), nil)
}

// guide: tracing-test
func TestChargeOrder_RecordsTheError(t *testing.T) {
	tracer := tracing.New(nil)
	h := lambdakit.Wrap(chargeOrder, tracer.Middleware)

	res := lambdatest.Run(t, h, Order{ID: "o-1", Card: "tok_declined"})

	if s := res.Span("charge card"); s.Status != "Error" || s.StatusMessage != "card declined" {
		t.Errorf("got %s %q, want the error of the declined card", s.Status, s.StatusMessage)
	}
}

// end
