package awssdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
)

const sampled = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"

// call is a call of an operation. It runs the middleware stack without a client of a service.
type call struct {
	service, operation string
	options            []func(*middleware.Stack) error // nil: awssdk.Middleware
	input              any
	output             any
	response           *smithyhttp.Response // nil: none
	requestID          string
	err                error
	attempts           int         // attempts of the retryer
	header             http.Header // header of the request before the call
}

// do runs the call. It returns the error and the headers of the request.
func (c call) do(ctx context.Context) (http.Header, error) {
	stack := middleware.NewStack(c.operation, smithyhttp.NewStackRequest)
	stack.Initialize.Add(&awsmiddleware.RegisterServiceMetadata{ServiceID: c.service, OperationName: c.operation, Region: "eu-west-1"}, middleware.Before)
	if c.options == nil {
		c.options = []func(*middleware.Stack) error{awssdk.Middleware}
	}
	for _, option := range c.options {
		if err := option(stack); err != nil {
			return nil, err
		}
	}
	stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("answer", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
		_, md, _ = next.HandleDeserialize(ctx, in)
		out.Result, out.RawResponse = c.output, c.response
		if c.requestID != "" {
			awsmiddleware.SetRequestIDMetadata(&md, c.requestID)
		}
		return out, md, c.err
	}), middleware.After)
	awsmiddleware.AddRawResponseToMetadata(stack)
	if c.attempts > 0 {
		n := 0
		stack.Finalize.Add(retry.NewAttemptMiddleware(retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(error) aws.Ternary { return aws.TrueTernary })}
		}), func(v any) any { return v }), middleware.After)
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("attempts", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, md middleware.Metadata, err error) {
			if n++; n < c.attempts {
				return out, md, errors.New("again")
			}
			return next.HandleFinalize(ctx, in)
		}), middleware.After)
	}
	var sent http.Header
	send := middleware.HandlerFunc(func(_ context.Context, in any) (any, middleware.Metadata, error) {
		sent = in.(*smithyhttp.Request).Header
		return nil, middleware.Metadata{}, nil
	})
	stack.Build.Add(middleware.BuildMiddlewareFunc("headers", func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
		for name, values := range c.header {
			in.Request.(*smithyhttp.Request).Header[name] = values
		}
		return next.HandleBuild(ctx, in)
	}), middleware.Before)
	_, _, err := middleware.DecorateHandler(send, stack).Handle(ctx, c.input)
	return sent, err
}

func answered(status int, size int64) *smithyhttp.Response {
	return &smithyhttp.Response{Response: &http.Response{StatusCode: status, ContentLength: size}}
}

// traced runs f in an invocation with a trace header and validates the documents.
func traced(t *testing.T, header string, f func(ctx context.Context) error) *lambdatest.Result {
	t.Helper()
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) { return nil, f(ctx) }, tracing.New(nil).Middleware)
	res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: header}).Invoke(`{}`)
	for _, s := range res.Segments {
		xraytest.Validate(t, s.JSON)
	}
	return res
}

// recordedSpan returns the span of the call that the OpenTelemetry SDK records.
func recordedSpan(t *testing.T, c call) tracetest.SpanStub {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
		c.do(ctx)
		return nil, nil
	}, tracer.Middleware), nil)
	return exporter.GetSpans()[0]
}

// spanOf returns the document of the span of the call.
func spanOf(t *testing.T, c call) lambdatest.Segment {
	t.Helper()
	res := traced(t, sampled, func(ctx context.Context) error {
		if _, err := c.do(ctx); err != c.err && c.err != nil {
			t.Logf("the call failed with %v", err)
		}
		return nil
	})
	if res.Err != nil { // a panic of the middleware
		t.Errorf("%s: got %v, want no error of the handler", c.operation, res.Err)
	}
	if len(res.Segments) != 2 {
		t.Fatalf("got %d documents, want those of the call and of the handler", len(res.Segments))
	}
	return res.Segments[0]
}
