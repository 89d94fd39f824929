package request_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambdakit/lambdakit/aws/internal/request"
)

// failure returns the error of an operation, as the SDK makes it.
func failure(status int, err error) error {
	return &smithy.OperationError{ServiceID: "SQS", OperationName: "SendMessageBatch", Err: &awshttp.ResponseError{
		RequestID: "r-1", ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err},
	}}
}

func api(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "the message repeats https://user:hunter2@host/"}
}

func TestTransient(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want bool
	}{
		"throttling":                   {t.Context(), failure(400, api("ThrottlingException")), true},
		"throttling by key management": {t.Context(), failure(400, api("KMSThrottling")), true},
		"status 429":                   {t.Context(), failure(429, api("Busy")), true},
		"status 500":                   {t.Context(), failure(500, api("InternalError")), true},
		"status 507":                   {t.Context(), failure(507, api("Full")), true},
		"RequestTimeout":               {t.Context(), failure(408, api("RequestTimeout")), true},
		"connection":                   {t.Context(), failure(0, &smithyhttp.RequestSendError{Err: io.EOF}), true},
		"dial":                         {t.Context(), &net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		"timeout":                      {t.Context(), fmt.Errorf("read: %w", context.DeadlineExceeded), true},
		"half an answer":               {t.Context(), failure(200, fmt.Errorf("read: %w", io.ErrUnexpectedEOF)), true},
		"an answer that is not JSON":   {t.Context(), failure(200, &smithy.DeserializationError{Err: errors.New("no JSON")}), true},
		"no permission":                {t.Context(), failure(403, api("AccessDenied")), false},
		"no queue":                     {t.Context(), failure(400, api("QueueDoesNotExist")), false},
		"no credentials":               {t.Context(), errors.New("AWS_ACCESS_KEY_ID is not set"), false},
		"no host":                      {t.Context(), &net.DNSError{IsNotFound: true}, false},
		"the context has ended":        {ended, failure(500, api("InternalError")), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{c.err, request.Error(c.err), fmt.Errorf("sqsbus: %w", request.Error(c.err))} {
				if got := request.Transient(c.ctx, err); got != c.want {
					t.Errorf("got %t for %v, want %t", got, err, c.want)
				}
			}
		})
	}
}

func TestError_Text(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"SendMessageBatch: InvalidSignature (request id r-1)":                                failure(403, api("InvalidSignature")),
		"SendMessageBatch: AccessDenied: the message repeats https://host/ (request id r-1)": failure(403, api("AccessDenied")),
		"QueueDoesNotExist":               api("QueueDoesNotExist"),
		`Post "https://host/": no answer`: errors.New(`Post "https://user:hunter2@host/": no answer`),
	} {
		got := request.Error(err)
		if got.Error() != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if !errors.Is(got, err) {
			t.Errorf("got %v, want an error that wraps the SDK's", got)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		refused *request.Refused
		want    bool
		fault   smithy.ErrorFault
	}{
		{&request.Refused{Code: "InternalError"}, true, smithy.FaultServer},
		{&request.Refused{Code: "InvalidMessageContents", SenderFault: true}, false, smithy.FaultClient},
		{&request.Refused{Code: "RequestLimitExceeded", SenderFault: true}, true, smithy.FaultClient},
		{&request.Refused{Code: "KmsThrottled", SenderFault: true}, true, smithy.FaultClient},
	} {
		if got := c.refused.Transient(); got != c.want {
			t.Errorf("%v: got transient %t, want %t", c.refused, got, c.want)
		}
		var api smithy.APIError
		if !errors.As(error(c.refused), &api) || api.ErrorCode() != c.refused.Code || api.ErrorFault() != c.fault || api.ErrorMessage() != "" || !strings.HasSuffix(api.Error(), c.refused.Code) {
			t.Errorf("got %#v, want an API error with the code and without a message", api)
		}
	}
}
