// Package request describes the failures of requests with several entries.
package request

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/internal/redact"
)

// ErrUnknown is the error of an entry that may or may not be at the service.
var ErrUnknown = errors.New("the answer does not say whether the service has the entry")

// Refused is the error of an entry that the service did not take. It is a smithy.APIError without the
// message of the service, which may repeat the entry.
type Refused struct {
	Code        string
	SenderFault bool
}

func (e *Refused) Error() string        { return "the service refused the entry: " + e.Code }
func (e *Refused) ErrorCode() string    { return e.Code }
func (e *Refused) ErrorMessage() string { return "" }

// ErrorFault implements smithy.APIError.
func (e *Refused) ErrorFault() smithy.ErrorFault {
	if e.SenderFault {
		return smithy.FaultClient
	}
	return smithy.FaultServer
}

// Transient reports whether another request may be accepted. Services count throttling among the
// faults of the sender.
func (e *Refused) Transient() bool { return !e.SenderFault || throttled(e.Code) }

// throttled reports whether a code means throttling, by the service or by its key management, such as
// KMSThrottling.
func throttled(code string) bool {
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok || strings.Contains(code, "Throttl")
}

// Transient reports whether another request may succeed after err, the error of an operation. It
// returns false if ctx has ended.
func Transient(ctx context.Context, err error) bool {
	var api smithy.APIError
	var answer *smithy.DeserializationError
	switch {
	case ctx.Err() != nil:
		return false
	case errors.As(err, &answer), errors.Is(err, io.ErrUnexpectedEOF): // the service may have the entries
		return true
	case errors.As(err, &api) && throttled(api.ErrorCode()):
		return true
	}
	status := statusOf(err)
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary ||
		retry.IsErrorTimeouts(retry.DefaultTimeouts).IsErrorTimeout(err) == aws.TrueTernary
}

func statusOf(err error) int {
	var v interface{ HTTPStatusCode() int }
	if errors.As(err, &v) {
		return v.HTTPStatusCode()
	}
	return 0
}

// Error returns err, the error of an operation, with a text that is safe to log. Messages of services
// repeat entries, and those about signatures repeat session tokens. So the text has only the code and the
// request id. Messages about missing permissions are kept, because they name the role
// and the action.
func Error(err error) error { return &safeError{text: safeText(err), err: err} }

type safeError struct {
	text string
	err  error
}

func (e *safeError) Error() string { return e.text }

// Is and As find err and its causes. There is no Unwrap: a logger would write the texts of causes.
func (e *safeError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *safeError) As(target any) bool   { return errors.As(e.err, target) }

func safeText(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return redact.Text(err.Error())
	}
	text := api.ErrorCode()
	if strings.HasPrefix(text, "AccessDenied") || strings.HasPrefix(text, "AuthorizationError") {
		text += ": " + redact.Text(api.ErrorMessage())
	}
	var op *smithy.OperationError
	if errors.As(err, &op) {
		text = op.OperationName + ": " + text
	}
	var id interface{ ServiceRequestID() string }
	if errors.As(err, &id) && id.ServiceRequestID() != "" {
		text += " (request id " + id.ServiceRequestID() + ")"
	}
	return text
}
