// Package kind maps the errors of AWS services to the errors of package params.
package kind

import (
	"errors"

	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/params"
)

// Of adds params.ErrNotFound, params.ErrAccessDenied or params.ErrThrottled to the chain of err, by
// its error code.
func Of(err error) error {
	var api smithy.APIError
	if err == nil || !errors.As(err, &api) {
		return err
	}
	return OfCode(err, api.ErrorCode())
}

// OfCode is Of for an error code that is not part of err.
func OfCode(err error, code string) error {
	switch code {
	case "ParameterNotFound", "ParameterVersionNotFound", "ResourceNotFoundException":
		return params.WithKind(err, params.ErrNotFound)
	case "AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "ExpiredTokenException", "DecryptionFailure", "KMSAccessDeniedException":
		return params.WithKind(err, params.ErrAccessDenied)
	case "ThrottlingException", "Throttling", "TooManyUpdates", "TooManyRequestsException", "RequestLimitExceeded",
		"ProvisionedThroughputExceededException", "LimitExceededException":
		return params.WithKind(err, params.ErrThrottled)
	}
	return err
}
