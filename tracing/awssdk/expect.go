package awssdk

import (
	"context"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/expected"
)

// expectedError is the attribute with the error code of a call that failed as expected. X-Ray
// documents of spans with this attribute have no error flag.
const expectedError = attribute.Key("aws.expected_error")

// ExpectErrors returns a context for calls for which these error codes are normal answers, such as
// "ConditionalCheckFailedException" for a conditional write. The span of a call that fails with
// such a code is not an error, and has the code in the attribute aws.expected_error. The call
// still returns the error. Codes add up if ExpectErrors is called again with the context.
func ExpectErrors(ctx context.Context, codes ...string) context.Context {
	for _, code := range codes {
		ctx = expected.NewContext(ctx, code)
	}
	return ctx
}
