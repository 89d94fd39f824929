package tracinggolden

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
)

// perform executes one step inside the span sp.
func (c *testCase) perform(ctx context.Context, sp *span, s recordedStep, at string) error {
	arg := func(i int) json.RawMessage {
		if i < len(s.Args) {
			return s.Args[i]
		}
		return nil
	}
	text := func(i int) string {
		v, _, _ := valueOf(arg(i))
		x, ok := v.(string)
		if !ok && v != nil {
			c.stop("typed", fmt.Sprintf("%s is called with %s", s.Op, arg(i)))
		}
		return x
	}
	switch s.Op {
	case "method", "manual":
		return c.method(ctx, s, at)
	case "putAnnotation":
		c.annotate(ctx, sp, text(0), arg(1))
	case "putMetadata":
		c.metadata(ctx, sp, text(2), text(0), arg(1))
	case "annotateColdStart":
		sp.keys = append(sp.keys, "ColdStart")
		sp.cold, sp.again = lambdakit.FromContext(ctx).ColdStart(), c.told
		c.told = true
		tracing.Annotate(ctx, "ColdStart", sp.cold)
	case "addServiceNameAnnotation":
		sp.keys = append(sp.keys, "Service")
		if c.service != "" {
			tracing.Annotate(ctx, "Service", c.service)
		}
	case "addResponseAsMetadata":
		c.result(ctx, sp, text(1), arg(0))
	case "addErrorAsMetadata":
		err := thrown(arg(0))
		sp.errs = append(sp.errs, err)
		sp.asksRemote = sp.asksRemote || string(arg(1)) == "true"
		span := trace.SpanFromContext(ctx)
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	case "isTraceSampled", "isTracingEnabled", "getRootXrayTraceId": // write nothing
	case "fetch", "http_get":
		return c.request(ctx, s)
	case "dynamodb_get":
		return c.getItem(ctx, s.Table)
	default:
		c.unknown(at, "operation %s", s.Op)
	}
	return nil
}

// method calls a function inside a new span. Its errors are remote if the span is a call of another
// service.
func (c *testCase) method(ctx context.Context, s recordedStep, at string) error {
	sp := c.begin(s.Op, s.Name)
	capture := c.captures(s, at)
	do := func(ctx context.Context) error {
		defer time.Sleep(10 * time.Millisecond)
		return c.nested(ctx, sp, s, at)
	}
	if s.Op == "method" {
		sp.name = "### " + s.Name
		if name, _ := s.Options["subSegmentName"].(string); name != "" {
			sp.name = name
		}
		do = func(ctx context.Context) error {
			err := c.body(ctx, sp, s, at)
			if err == nil && capture {
				c.result(ctx, sp, s.Name, s.Returns)
			}
			return err
		}
	}
	for _, inner := range s.Steps {
		sp.remote = sp.remote || inner.Op == "addErrorAsMetadata" && len(inner.Args) > 1 && string(inner.Args[1]) == "true"
	}
	f := func(ctx context.Context) (any, error) {
		err := do(ctx)
		if err != nil {
			sp.errs = append(sp.errs, err)
		}
		value, _, _ := valueOf(s.Returns)
		return value, err
	}
	defer c.end(sp)
	if !sp.remote {
		_, err := tracing.Call(ctx, sp.name, f)
		return err
	}
	ctx, span := tracing.Start(ctx, sp.name, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	_, err := f(ctx)
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

// result handles the result of a function like upstream.
func (c *testCase) result(ctx context.Context, sp *span, name string, value json.RawMessage) {
	if _, none, _ := valueOf(value); none || strings.EqualFold(os.Getenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE"), "false") {
		return
	}
	c.rule("call")
	c.metadata(ctx, sp, "", name+" response", value)
}

func (c *testCase) metadata(ctx context.Context, sp *span, namespace, key string, value json.RawMessage) {
	v, _, foreign := valueOf(value)
	encoded, _ := json.Marshal(v)
	sp.metadata = append(sp.metadata, metadata{namespace, key, v, foreign, len(encoded)})
	switch {
	case foreign:
	case namespace != "":
		tracing.AddMetadataIn(ctx, namespace, key, v)
	default:
		tracing.AddMetadata(ctx, key, v)
	}
}

func (c *testCase) annotate(ctx context.Context, sp *span, key string, value json.RawMessage) {
	sp.keys = append(sp.keys, key)
	v, _, _ := valueOf(value)
	switch v := v.(type) {
	case string:
		tracing.Annotate(ctx, key, v)
	case bool:
		tracing.Annotate(ctx, key, v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			tracing.Annotate(ctx, key, n)
		} else if f, err := v.Float64(); err == nil {
			tracing.Annotate(ctx, key, f)
		}
	case map[string]any:
		c.rule("annotation-kinds")
		tag, _ := v["$number"].(string)
		if f, err := strconv.ParseFloat(tag, 64); err == nil {
			tracing.Annotate(ctx, key, f)
			if trace.SpanFromContext(ctx).IsRecording() && f-f != 0 {
				c.need("annotation %q is", key)
			}
		}
	default: // Go's types do not allow such a value
		c.rule("annotation-kinds")
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
func (f transport) Do(r *http.Request) (*http.Response, error)        { return f(r) }

func response(status int, header http.Header, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: header, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// request sends an HTTP request. The recorded server answers with 5 bytes.
func (c *testCase) request(ctx context.Context, s recordedStep) error {
	server := transport(func(r *http.Request) (*http.Response, error) {
		c.sent = append(c.sent, r.Header.Get(tracing.HeaderName))
		return response(s.Status, http.Header{}, "12345"), nil
	})
	client := &http.Client{Transport: server}
	if c.Given.Options["captureHTTPsRequests"] != false && !strings.EqualFold(os.Getenv("POWERTOOLS_TRACER_CAPTURE_HTTPS_REQUESTS"), "false") {
		client.Transport = &tracing.Transport{Base: server}
		defer c.end(c.begin("http", "127.0.0.1"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+s.Path, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// getItem records a call like the DynamoDB client. The recorded service answers with an empty
// object.
func (c *testCase) getItem(ctx context.Context, table string) error {
	defer c.end(c.begin("aws", "DynamoDB"))
	stack := middleware.NewStack("GetItem", smithyhttp.NewStackRequest)
	decode := middleware.DeserializeMiddlewareFunc("OperationDeserializer", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		return next.HandleDeserialize(ctx, in)
	})
	metadata := &awsmiddleware.RegisterServiceMetadata{Region: os.Getenv("AWS_REGION"), ServiceID: "DynamoDB", OperationName: "GetItem"}
	err := errors.Join(
		stack.Initialize.Add(metadata, middleware.Before),
		stack.Finalize.Add(retry.NewAttemptMiddleware(retry.NewStandard(), smithyhttp.RequestCloner), middleware.After),
		stack.Deserialize.Add(decode, middleware.After),
		awsmiddleware.AddRequestIDRetrieverMiddleware(stack),
		awsmiddleware.AddRawResponseToMetadata(stack),
		awssdk.Middleware(stack),
	)
	if err != nil {
		return err
	}
	service := transport(func(*http.Request) (*http.Response, error) {
		return response(http.StatusOK, http.Header{"X-Amzn-Requestid": {"REQ-1"}}, "{}"), nil
	})
	_, _, err = middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(service), stack).Handle(ctx, &struct{ TableName *string }{aws.String(table)})
	return err
}
