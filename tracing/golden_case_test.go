package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
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
	"github.com/lambdakit/lambdakit/internal/sandbox"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
)

// goldenSpan is what the program does in one span.
type goldenSpan struct {
	kind       string // handler, outer, method, manual, http, aws; outer: a handler that upstream does without
	name       string // upstream's
	start, end time.Time
	cold       bool
	keys       []string // of annotations, in order
	metadata   []goldenMetadata
	response   string  // of a handler, as JSON
	errs       []error // in order
	remote     bool    // as errors of it are
}

type goldenMetadata struct {
	namespace, key string // empty namespace: the service
	value          any
	foreign        bool // no value of Go's
	size           int
}

// goldenError is an exception.
type goldenError struct {
	message string
	cause   error
}

func (e *goldenError) Error() string { return e.message }
func (e *goldenError) Unwrap() error { return e.cause }

// goldenValue decodes a value; foreign says that JSON has none like it. What is undefined
// is nil, and none.
func goldenValue(text json.RawMessage) (v any, none, foreign bool) {
	if text == nil {
		return nil, true, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	d.Decode(&v)
	if m, ok := v.(map[string]any); ok && len(m) == 1 && m["$undefined"] == true {
		return nil, true, false
	}
	return v, false, goldenTag(v)
}

func goldenTag(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if len(v) == 1 && strings.HasPrefix(name, "$") || goldenTag(x) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, goldenTag)
	}
	return false
}

// thrown returns what a step throws as an error.
func thrown(text json.RawMessage) error {
	var tag struct {
		Error *struct {
			Message string
			Cause   json.RawMessage
		} `json:"$error"`
	}
	if text == nil {
		return nil
	}
	if json.Unmarshal(text, &tag) == nil && tag.Error != nil {
		return &goldenError{tag.Error.Message, thrown(tag.Error.Cause)}
	}
	v, _, _ := goldenValue(text)
	return errors.New(fmt.Sprint(v))
}

func (c *goldenCase) unknown(at, format string, args ...any) {
	c.t.Errorf("step %s has something that this test does not know: "+format, append([]any{at}, args...)...)
}

// run does the steps.
func (c *goldenCase) run() {
	time.Sleep(time.Until(time.UnixMilli(c.Given.NowMS))) // the clock is that of a bubble
	c.service = os.Getenv("POWERTOOLS_SERVICE_NAME")
	for name, v := range c.Given.Options {
		switch name {
		case "captureHTTPsRequests", "enabled":
		case "serviceName":
			if s, _ := v.(string); strings.TrimSpace(s) != "" {
				c.service = s
			}
		default:
			c.unknown("-", "option %s", name)
		}
	}
	init := os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE")
	box := &sandbox.Sandbox{FunctionName: os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), OnDemand: init == "" || init == "on-demand"}
	for i, s := range c.Given.Steps {
		at := strconv.Itoa(i)
		var err error
		switch {
		case s.Op == "handler":
			err = c.invoke(box, "handler", s, at)
		case mentions(s, "annotateColdStart"):
			err = c.invoke(box, "outer", s, at)
		default: // upstream's cold start is still to come
			err = c.invoke(&sandbox.Sandbox{FunctionName: box.FunctionName}, "outer", s, at)
		}
		if err != nil {
			c.errors[at] = err.Error()
		}
	}
	for _, e := range c.Want.Errors {
		if at := fmt.Sprint(e.Step); c.errors[at] == "" {
			c.stop("never-fails", "step "+at+" throws: "+e.Message)
		}
	}
}

func mentions(s goldenStep, op string) bool {
	return s.Op == op || slices.ContainsFunc(s.Steps, func(s goldenStep) bool { return mentions(s, op) })
}

// tracer returns the Tracer of a handler.
func (c *goldenCase) tracer(capture bool) *tracing.Tracer {
	o := &tracing.Options{OnError: func(err error) { c.reports = append(c.reports, err.Error()) }}
	o.Service, _ = c.Given.Options["serviceName"].(string)
	o.Service = strings.TrimSpace(o.Service)
	if c.Given.Options["enabled"] == false {
		o.Disabled = new(true)
	}
	switch {
	case !capture:
		o.CaptureResponse = &capture
	case os.Getenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE") == "":
		c.rule("opt-in")
		o.CaptureResponse = &capture
	}
	return tracing.New(o)
}

// captures reports whether the options of a step leave its response to be captured.
func (c *goldenCase) captures(s goldenStep, at string) bool {
	capture := true
	for name, v := range s.Options {
		switch name {
		case "captureResponse":
			capture = v != false
		case "subSegmentName":
		default:
			c.unknown(at, "option %s", name)
		}
	}
	return capture
}

func (c *goldenCase) begin(kind, name string) *goldenSpan {
	return &goldenSpan{kind: kind, name: name, start: time.Now()}
}

func (c *goldenCase) end(sp *goldenSpan) {
	sp.end = time.Now()
	c.spans = append(c.spans, sp)
}

// invoke does a handler or, for what upstream does outside of one, the step in a handler.
func (c *goldenCase) invoke(box *sandbox.Sandbox, kind string, s goldenStep, at string) error {
	handler, ok := c.Given.Env["_HANDLER"]
	if !ok {
		handler = "undefined"
	}
	sp := c.begin(kind, "## "+handler)
	capture := kind == "handler" && c.captures(s, at)
	value, none, foreign := goldenValue(s.Returns)
	program := func(ctx context.Context) error {
		sp.cold = lambdakit.FromContext(ctx).ColdStart()
		sp.keys = append(sp.keys, "ColdStart", "Service")
		var err error
		if kind == "handler" {
			err = c.body(ctx, sp, s, at)
		} else {
			err = c.perform(ctx, sp, s, at)
		}
		if err != nil {
			sp.errs = append(sp.errs, err)
		}
		return err
	}
	mw := c.tracer(capture).Middleware
	h := lambdakit.WrapFunc(program, mw)
	if !none && !foreign {
		h = lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) { return value, program(ctx) }, mw)
	}
	event := s.Event
	if event == nil {
		event = json.RawMessage("{}")
	}
	ctx := sandbox.NewContext(context.Background(), box)
	//lint:ignore SA1029 the key of aws-lambda-go
	ctx = context.WithValue(ctx, "x-amzn-trace-id", os.Getenv("_X_AMZN_TRACE_ID"))
	response, err := h.Invoke(ctx, event)
	sp.response = string(response)
	if capture && err == nil && (!none || foreign) {
		sp.metadata = append(sp.metadata, goldenMetadata{key: handler + " response", value: value, foreign: foreign, size: len(response)})
	}
	c.end(sp)
	return err
}

// body is what handlers and methods do.
func (c *goldenCase) body(ctx context.Context, sp *goldenSpan, s goldenStep, at string) error {
	time.Sleep(100 * time.Millisecond)
	if err := c.nested(ctx, sp, s, at); err != nil {
		return err
	}
	time.Sleep(50 * time.Millisecond)
	return thrown(s.Throws)
}

// nested does the steps of s. Whether it goes on after one that fails, what upstream says
// of it tells.
func (c *goldenCase) nested(ctx context.Context, sp *goldenSpan, s goldenStep, at string) error {
	for i, inner := range s.Steps {
		path := at + "." + strconv.Itoa(i)
		err := c.perform(ctx, sp, inner, path)
		if err == nil {
			continue
		}
		_, seen := c.failure(path)
		if seen {
			c.errors[path] = err.Error()
		}
		if message, failed := c.failure(at); !seen || failed && s.Throws == nil && message == err.Error() {
			return err
		}
	}
	return nil
}

// perform does one step inside the span sp.
func (c *goldenCase) perform(ctx context.Context, sp *goldenSpan, s goldenStep, at string) error {
	arg := func(i int) json.RawMessage {
		if i < len(s.Args) {
			return s.Args[i]
		}
		return nil
	}
	text := func(i int) string {
		v, _, _ := goldenValue(arg(i))
		s, ok := v.(string)
		if !ok && v != nil {
			c.stop("typed", fmt.Sprintf("%s is called with %s", s, arg(i)))
		}
		return s
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
		sp.cold = lambdakit.FromContext(ctx).ColdStart()
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

// method calls a function in a span of its own. Errors are remote where the span is a call
// of something else.
func (c *goldenCase) method(ctx context.Context, s goldenStep, at string) error {
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
		value, _, _ := goldenValue(s.Returns)
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

// result does what upstream does with the result of a function.
func (c *goldenCase) result(ctx context.Context, sp *goldenSpan, name string, value json.RawMessage) {
	if _, none, _ := goldenValue(value); none || strings.EqualFold(os.Getenv("POWERTOOLS_TRACER_CAPTURE_RESPONSE"), "false") {
		return
	}
	c.rule("call")
	c.metadata(ctx, sp, "", name+" response", value)
}

func (c *goldenCase) metadata(ctx context.Context, sp *goldenSpan, namespace, key string, value json.RawMessage) {
	v, _, foreign := goldenValue(value)
	encoded, _ := json.Marshal(v)
	sp.metadata = append(sp.metadata, goldenMetadata{namespace, key, v, foreign, len(encoded)})
	switch {
	case foreign:
	case namespace != "":
		tracing.MetadataIn(ctx, namespace, key, v)
	default:
		tracing.Metadata(ctx, key, v)
	}
}

func (c *goldenCase) annotate(ctx context.Context, sp *goldenSpan, key string, value json.RawMessage) {
	sp.keys = append(sp.keys, key)
	v, _, _ := goldenValue(value)
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
	default: // Go's types do not let such a value pass
		c.rule("annotation-kinds")
	}
}

type goldenTransport func(*http.Request) (*http.Response, error)

func (f goldenTransport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
func (f goldenTransport) Do(r *http.Request) (*http.Response, error)        { return f(r) }

func goldenResponse(status int, header http.Header, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: header, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// request does an HTTP request. The server of the recording answers with 5 bytes.
func (c *goldenCase) request(ctx context.Context, s goldenStep) error {
	server := goldenTransport(func(r *http.Request) (*http.Response, error) {
		c.sent = append(c.sent, r.Header.Get(tracing.HeaderName))
		return goldenResponse(s.Status, http.Header{}, "12345"), nil
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

// getItem does what the client of DynamoDB does. The service of the recording answers
// with an empty object.
func (c *goldenCase) getItem(ctx context.Context, table string) error {
	defer c.end(c.begin("aws", "DynamoDB"))
	stack := middleware.NewStack("GetItem", smithyhttp.NewStackRequest)
	metadata := &awsmiddleware.RegisterServiceMetadata{Region: os.Getenv("AWS_REGION"), ServiceID: "DynamoDB", OperationName: "GetItem"}
	err := errors.Join(
		stack.Initialize.Add(metadata, middleware.Before),
		retry.AddRetryMiddlewares(stack, retry.AddRetryMiddlewaresOptions{Retryer: retry.NewStandard()}),
		awsmiddleware.AddRequestIDRetrieverMiddleware(stack),
		awsmiddleware.AddRawResponseToMetadata(stack),
		awssdk.Middleware(stack),
	)
	if err != nil {
		return err
	}
	service := goldenTransport(func(*http.Request) (*http.Response, error) {
		return goldenResponse(http.StatusOK, http.Header{"X-Amzn-Requestid": {"REQ-1"}}, "{}"), nil
	})
	_, _, err = middleware.DecorateHandler(smithyhttp.NewClientHandler(service), stack).Handle(ctx, &struct{ TableName *string }{aws.String(table)})
	return err
}
