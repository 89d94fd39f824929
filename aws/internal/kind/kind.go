// Package kind tells errors of AWS apart.
package kind

import (
	"errors"

	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/params"
)

// Of marks err as what params calls it, going by its error code.
func Of(err error) error {
	var api smithy.APIError
	if err == nil || !errors.As(err, &api) {
		return err
	}
	return OfCode(err, api.ErrorCode())
}

// OfCode is Of for an error whose code came separately.
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
