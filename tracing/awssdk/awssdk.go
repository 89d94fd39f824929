// Package awssdk records the calls of aws-sdk-go-v2 as spans and sends the trace header with them.
// Instrument the configuration before you create clients:
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	...
//	awssdk.Instrument(&cfg)
//	client := dynamodb.NewFromConfig(cfg)
//
// # Spans
//
// Each call of an operation is one span, a child of the span in the context of the call. The
// provider of the parent span creates it. X-Ray shows it as a node of the trace map. The span has
//
//   - the service, the operation and the region
//   - the request id, the HTTP status and the number of retries
//   - the names of DynamoDB tables, SQS queues, S3 buckets, SNS topics, Kinesis streams, state
//     machines and functions
//
// A span never contains other parameters or results.
//
// # Errors
//
// If a call fails, its span is an error. These spans are also errors, although the SDK returns no
// error:
//
//   - a batch call such as PutEvents or SendMessageBatch, if some entries failed; the attribute
//     aws.failed_entries counts these entries
//   - a call of Lambda's Invoke, if the invoked function failed
//
// If an error code is a normal answer, for example of a conditional write, use [ExpectErrors].
//
// # Trace header
//
// Each request carries the trace header of its context, also if the trace is not sampled. Without
// this package, the SDK reads the header from an environment variable. If Lambda runs several
// invocations in one process, the variable is not set: traces break, and Lambda cannot detect
// recursive loops.
package awssdk

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/internal/expected"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Instrument traces all clients that are created with cfg after this call. It does not change
// existing clients.
func Instrument(cfg *aws.Config) { cfg.APIOptions = append(cfg.APIOptions, Middleware) }

// Middleware traces one client. Append it to the APIOptions of the client's options. A second
// Middleware in the same stack has no effect.
func Middleware(stack *middleware.Stack) error {
	if _, ok := stack.Initialize.Get(callSpan{}.ID()); ok {
		return nil // added before
	}
	if _, ok := stack.Finalize.Get("PresignHTTPRequest"); ok {
		return nil // a presigned URL: no request is sent
	}
	// After the step that sets the service and the operation.
	if err := stack.Initialize.Add(callSpan{}, middleware.After); err != nil {
		return err
	}
	// Before the SDK's own step, which does not replace an existing header.
	return stack.Build.Add(traceHeader{}, middleware.Before)
}

// callSpan is the step that records a call as a span.
type callSpan struct{}

func (callSpan) ID() string { return "lambdakit:span" }

func (callSpan) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
	ctx, sp := tracing.Start(ctx, service+"/"+operation, trace.WithSpanKind(trace.SpanKindClient))
	if !sp.IsRecording() {
		return next.HandleInitialize(ctx, in)
	}
	defer sp.End()
	sp.SetAttributes(append(resources(service, in.Parameters),
		attribute.String("rpc.system.name", "aws-api"),
		attribute.String("rpc.method", service+"/"+operation),
		attribute.String("aws.region", awsmiddleware.GetRegion(ctx)),
	)...)
	out, md, err := next.HandleInitialize(ctx, in)
	setOutcome(ctx, sp, md, err)
	if err == nil {
		setPartial(sp, out.Result)
	}
	return out, md, err
}

func setOutcome(ctx context.Context, sp trace.Span, md middleware.Metadata, err error) {
	if id, ok := awsmiddleware.GetRequestIDMetadata(md); ok {
		sp.SetAttributes(attribute.String("aws.request_id", id))
	}
	// After a refused connection the response has the status 0.
	if res, ok := awsmiddleware.GetRawResponse(md).(*smithyhttp.Response); ok && res != nil && res.Response != nil && res.StatusCode > 0 {
		sp.SetAttributes(attribute.Int("http.response.status_code", res.StatusCode))
		if res.ContentLength >= 0 {
			sp.SetAttributes(attribute.Int64("http.response.body.size", res.ContentLength))
		}
	}
	if attempts, ok := retry.GetAttemptResults(md); ok && len(attempts.Results) > 1 {
		sp.SetAttributes(attribute.Int("aws.retries", len(attempts.Results)-1))
	}
	if err == nil {
		return
	}
	var failed *smithyhttp.ResponseError
	if errors.As(err, &failed) && failed.Response != nil && failed.Response.Response != nil && failed.HTTPStatusCode() > 0 {
		sp.SetAttributes(attribute.Int("http.response.status_code", failed.HTTPStatusCode()))
	}
	var answer interface{ ServiceRequestID() string }
	if errors.As(err, &answer) && answer.ServiceRequestID() != "" {
		sp.SetAttributes(attribute.String("aws.request_id", answer.ServiceRequestID()))
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		if expected.Is(ctx, api.ErrorCode()) {
			sp.SetAttributes(expectedError.String(api.ErrorCode()))
			return
		}
		sp.SetAttributes(attribute.String("error.type", api.ErrorCode()))
	}
	sp.RecordError(err)
	sp.SetStatus(codes.Error, xray.ErrorText(err))
}

// traceHeader is the step that adds the trace header to a request.
type traceHeader struct{}

func (traceHeader) ID() string { return "lambdakit:trace-header" }

func (traceHeader) HandleBuild(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
	if req, ok := in.Request.(*smithyhttp.Request); ok && req.Header.Get(tracing.HeaderName) == "" {
		if h := tracing.Header(ctx); h != "" {
			req.Header.Set(tracing.HeaderName, encode(h))
		}
	}
	return next.HandleBuild(ctx, in)
}

// encode percent-encodes the bytes that the SDK percent-encodes in this header.
func encode(s string) string {
	const hex = "0123456789ABCDEF"
	var b []byte
	for i := range len(s) {
		if c := s[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

func plain(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '-', '=', ';', ':', '+', '&', '[', ']', '{', '}', '"', '\'', ',':
		return true
	}
	return false
}
