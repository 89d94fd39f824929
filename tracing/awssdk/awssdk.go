// Package awssdk makes spans of the calls of aws-sdk-go-v2.
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	...
//	awssdk.Instrument(&cfg)
//	client := dynamodb.NewFromConfig(cfg)
//
// Each call of an operation is one span, below the span that its context carries, with
// the service, the operation, region, request id, HTTP status, the number of retries, and
// the names of DynamoDB tables, SQS queues, S3 buckets, SNS topics, Kinesis streams, state
// machines and functions. Parameters and results are never part of it. The spans are
// those of OpenTelemetry, of whatever provider the context's span has; in X-Ray they are
// nodes of the trace map.
//
// A batch call such as PutEvents or SendMessageBatch may succeed although some of its entries
// failed. The span of such a call is an error, and its attribute aws.failed_entries counts the
// entries; so is the span of Invoke if the invoked function failed. Use [ExpectErrors] if an
// error code is a normal answer, as of a conditional write.
//
// It also sends the right trace header with each request. The SDK alone takes it from an
// environment variable, which does not exist where Lambda runs several invocations in one
// process, so that traces break and Lambda's detection of recursive loops does not see
// the calls. That works for invocations that are not sampled, too.
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

// Instrument makes all clients that are made with cfg afterwards traced.
func Instrument(cfg *aws.Config) { cfg.APIOptions = append(cfg.APIOptions, Middleware) }

// Middleware makes one client traced, as an element of the APIOptions of its options.
func Middleware(stack *middleware.Stack) error {
	if _, ok := stack.Initialize.Get(callSpan{}.ID()); ok {
		return nil // there already
	}
	if _, ok := stack.Finalize.Get("PresignHTTPRequest"); ok {
		return nil // nothing is called
	}
	// Behind the step that names service and operation.
	if err := stack.Initialize.Add(callSpan{}, middleware.After); err != nil {
		return err
	}
	// Before the SDK's own, which leaves a header alone that is there.
	return stack.Build.Add(traceHeader{}, middleware.Before)
}

// callSpan makes a span of each call.
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
	// A connection that was refused leaves a response with status 0.
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

// traceHeader passes the trace on.
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

// encode percent-encodes what a header must not hold, as the SDK does.
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
