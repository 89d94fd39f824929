package awssdk

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/expected"
)

// expectedError is the attribute that holds the error code of a call whose caller expected it.
// X-Ray documents of spans with it have no error flag.
const expectedError = attribute.Key("aws.expected_error")

// ExpectErrors returns a context for calls that may normally fail with these error codes, such as
// "ConditionalCheckFailedException" of a conditional write. The span of a call that
// fails so has the code in the attribute aws.expected_error, and is not an error. The call
// returns the error as always.
func ExpectErrors(ctx context.Context, codes ...string) context.Context {
	for _, code := range codes {
		ctx = expected.NewContext(ctx, code)
	}
	return ctx
}
