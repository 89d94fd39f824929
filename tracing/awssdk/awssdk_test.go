package awssdk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/codes"

	"github.com/lambdakit/lambdakit/internal/expected"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
)

// refused returns the SDK's error for a response with this status and error code.
func refused(status int, code string) error {
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "PutItem", Err: &awshttp.ResponseError{
		RequestID:     "REQ-2",
		ResponseError: &smithyhttp.ResponseError{Response: answered(status, 7), Err: &smithy.GenericAPIError{Code: code, Message: "no"}},
	}}
}

func TestSpan_HasTheResponse(t *testing.T) {
	t.Parallel()
	s := spanOf(t, call{service: "DynamoDB", operation: "GetItem", response: answered(200, 7), requestID: "REQ-1"})
	if got, want := fmt.Sprint(s.Name, " ", s.Namespace, " ", s.Document["aws"], s.Document["http"], s.Fault, s.Error),
		"DynamoDB aws map[operation:GetItem region:eu-west-1 request_id:REQ-1] map[response:map[content_length:7 status:200]] false false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSpan_UnknownLengthIsLeftOut(t *testing.T) {
	t.Parallel()
	s := spanOf(t, call{service: "S3", operation: "GetObject", response: answered(200, -1)})
	if got, want := fmt.Sprint(s.Document["http"]), "map[response:map[status:200]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSpan_HasTheErrorOfTheResponse(t *testing.T) {
	t.Parallel()
	s := spanOf(t, call{service: "DynamoDB", operation: "PutItem", err: refused(400, "ValidationException")})
	if got, want := fmt.Sprint(s.Error, s.Fault, s.Document["http"], s.Document["aws"], s.Metadata["default"]["error.type"]),
		"true false map[response:map[status:400]] map[operation:PutItem region:eu-west-1 request_id:REQ-2]ValidationException"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !strings.Contains(string(s.JSON), `"exceptions"`) {
		t.Errorf("the document has no exception: %s", s.JSON)
	}
}

// After a refused connection, the metadata and the error contain a response without a status.
func TestSpan_RefusedConnectionHasNoResponse(t *testing.T) {
	t.Parallel()
	none := answered(0, 0)
	for name, c := range map[string]call{
		"beside the error": {response: none, err: errors.New("connection refused")},
		"in the error":     {err: &smithyhttp.ResponseError{Response: none, Err: errors.New("connection refused")}},
	} {
		c.service, c.operation = "DynamoDB", "PutItem"
		s := recordedSpan(t, c)
		for _, a := range s.Attributes {
			if strings.HasPrefix(string(a.Key), "http.response") {
				t.Errorf("%s: got %s %s, want none", name, a.Key, a.Value.String())
			}
		}
		if s.Status.Code != codes.Error || len(s.Events) != 1 {
			t.Errorf("%s: got %v and %d events, want an error and one", name, s.Status, len(s.Events))
		}
	}
}

// The Error method of a response error panics if the error has no response.
func TestSpan_ErrorWithoutResponse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]call{
		"empty":   {response: &smithyhttp.Response{}, err: &smithyhttp.ResponseError{Response: &smithyhttp.Response{}, Err: errors.New("x")}},
		"nothing": {err: &smithyhttp.ResponseError{Err: errors.New("x")}},
	} {
		c.service, c.operation = "DynamoDB", "PutItem"
		if s := spanOf(t, c); !s.Fault {
			t.Errorf("%s: got %s, want a fault", name, s.JSON)
		}
	}
}

func TestSpan_CountsRetries(t *testing.T) {
	t.Parallel()
	for attempts, want := range []string{"", "", "1", "2"} {
		got := ""
		for _, a := range recordedSpan(t, call{service: "S3", operation: "GetObject", attempts: attempts}).Attributes {
			if a.Key == "aws.retries" {
				got = a.Value.String()
			}
		}
		if got != want {
			t.Errorf("%d attempts: got %q retries, want %q", attempts, got, want)
		}
	}
}

func TestExpectErrors_IsNoErrorOfTheSpan(t *testing.T) {
	t.Parallel()
	const code = "ConditionalCheckFailedException"
	for name, c := range map[string]struct {
		mark func(context.Context) context.Context
		err  error
		want string // flags, expected code, cause
	}{
		"expected": {func(ctx context.Context) context.Context { return awssdk.ExpectErrors(ctx, "Other", code) }, refused(400, code),
			"false false " + code + " <nil>"},
		"by the toolkit": {func(ctx context.Context) context.Context { return expected.NewContext(ctx, code) }, refused(400, code),
			"false false " + code + " <nil>"},
		"another code": {func(ctx context.Context) context.Context { return awssdk.ExpectErrors(ctx, code) }, refused(400, "ValidationException"),
			"true false <nil> cause"},
		"no code": {func(ctx context.Context) context.Context { return awssdk.ExpectErrors(ctx, code) }, errors.New(code),
			"false true <nil> cause"},
		"nothing expected": {func(ctx context.Context) context.Context { return awssdk.ExpectErrors(ctx) }, refused(400, code),
			"true false <nil> cause"},
	} {
		var failure error
		res := traced(t, sampled, func(ctx context.Context) error {
			_, failure = call{service: "DynamoDB", operation: "PutItem", err: c.err}.do(c.mark(ctx))
			return nil
		})
		s := res.Segments[0]
		cause := s.Document["cause"]
		if cause != nil {
			cause = "cause"
		}
		if got := fmt.Sprint(s.Error, s.Fault, " ", s.Metadata["default"]["aws.expected_error"], " ", cause); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if !errors.Is(failure, c.err) {
			t.Errorf("%s: the call returned %v, want %v", name, failure, c.err)
		}
	}
}

func TestHeader_IsTheSpans(t *testing.T) {
	t.Parallel()
	const lineage = ";Lineage=1:a/b:2"
	unsampled := strings.Replace(sampled, "Sampled=1", "Sampled=0", 1)
	for name, c := range map[string]struct {
		header string
		call   call
		want   string // % stands for the id of the span
	}{
		"sampled":     {sampled + lineage, call{}, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=%;Sampled=1;Lineage=1:a%2Fb:2"},
		"not sampled": {unsampled, call{}, unsampled},
		"set already": {sampled, call{header: http.Header{"X-Amzn-Trace-Id": {"own"}}}, "own"},
		"no trace":    {"none", call{}, "none"},
	} {
		var sent http.Header
		c.call.service, c.call.operation = "SQS", "SendMessage"
		res := traced(t, c.header, func(ctx context.Context) (err error) {
			sent, err = c.call.do(ctx)
			return err
		})
		want := c.want
		if len(res.Segments) > 0 { // the invocation is sampled
			want = strings.Replace(want, "Parent=%", "Parent="+res.Segments[0].ID, 1)
		}
		if got := sent.Get("X-Amzn-Trace-Id"); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestMiddleware_MakesNoSpanOfPresigning(t *testing.T) {
	t.Parallel()
	stack := middleware.NewStack("GetObject", smithyhttp.NewStackRequest)
	stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("PresignHTTPRequest", nil), middleware.After)
	if err := awssdk.Middleware(stack); err != nil || len(stack.Initialize.List()) != 0 {
		t.Errorf("got %v and %q, want no middleware", err, stack.Initialize.List())
	}
}

func TestInstrument_Twice(t *testing.T) {
	t.Parallel()
	var cfg aws.Config
	awssdk.Instrument(&cfg)
	awssdk.Instrument(&cfg)
	stack := middleware.NewStack("GetItem", smithyhttp.NewStackRequest)
	for _, option := range cfg.APIOptions {
		if err := option(stack); err != nil {
			t.Error(err)
		}
	}
	if n := len(stack.Initialize.List()); n != 1 {
		t.Errorf("got %d steps, want 1", n)
	}
}
