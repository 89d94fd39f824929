package kind_test

import (
	"errors"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/internal/kind"
	"github.com/lambdakit/lambdakit/params"
)

func TestOf(t *testing.T) {
	t.Parallel()
	kinds := []error{params.ErrNotFound, params.ErrAccessDenied, params.ErrThrottled}
	for code, want := range map[string]error{
		"ParameterNotFound": params.ErrNotFound, "ParameterVersionNotFound": params.ErrNotFound, "ResourceNotFoundException": params.ErrNotFound,
		"AccessDeniedException": params.ErrAccessDenied, "AccessDenied": params.ErrAccessDenied, "UnrecognizedClientException": params.ErrAccessDenied,
		"ExpiredTokenException": params.ErrAccessDenied, "DecryptionFailure": params.ErrAccessDenied, "KMSAccessDeniedException": params.ErrAccessDenied,
		"ThrottlingException": params.ErrThrottled, "Throttling": params.ErrThrottled, "TooManyUpdates": params.ErrThrottled,
		"TooManyRequestsException": params.ErrThrottled, "RequestLimitExceeded": params.ErrThrottled,
		"ProvisionedThroughputExceededException": params.ErrThrottled, "LimitExceededException": params.ErrThrottled,
		"ValidationException": nil,
	} {
		err := &smithy.GenericAPIError{Code: code, Message: "m"}
		got := kind.Of(err)
		for _, k := range kinds {
			if errors.Is(got, k) != (k == want) {
				t.Errorf("%s: got %v, want %v in its chain: %t", code, got, k, k == want)
			}
		}
		if !errors.Is(got, err) {
			t.Errorf("%s: got %v, want the error in its chain", code, got)
		}
	}
	other := errors.New("other")
	if got := kind.Of(other); got != other {
		t.Errorf("got %v, want the error as it is", got)
	}
	if got := kind.Of(nil); got != nil {
		t.Errorf("got %v, want nil", got)
	}
}
