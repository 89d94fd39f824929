package awssdk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
)

func Example() {
	var cfg aws.Config // from config.LoadDefaultConfig

	awssdk.Instrument(&cfg) // before dynamodb.NewFromConfig(cfg)
}

type Order struct{ ID string }

// orders replaces dynamodb.Client. The order exists, so a conditional write fails.
type orders struct{}

func (orders) PutItem(ctx context.Context, id string) error {
	_, err := call{service: "DynamoDB", operation: "PutItem", err: &smithy.GenericAPIError{Code: "ConditionalCheckFailedException"}}.do(ctx)
	return err
}

// A conditional write fails if the order exists. This is a normal answer, so the span of the call
// is not an error.
func ExampleExpectErrors() {
	client := orders{}
	handler := func(ctx context.Context, o Order) (string, error) {
		err := client.PutItem(awssdk.ExpectErrors(ctx, "ConditionalCheckFailedException"), o.ID)
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "ConditionalCheckFailedException" {
			return "exists", nil
		}
		return "created", err
	}
	tracer := tracing.New(nil)

	res := lambdatest.Run(new(testing.T), lambdakit.Wrap(handler, tracer.Middleware), Order{"o-1"})

	span := res.Segments[0]
	fmt.Println(string(res.Response), span.Name, span.Error || span.Fault)
	// Output: "exists" DynamoDB false
}
