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

type Order struct{ ID string }

// orders replaces dynamodb.Client.
type orders struct {
	cfg aws.Config
	err error // of its calls
}

func (c orders) PutItem(ctx context.Context, id string) error {
	_, err := call{service: "DynamoDB", operation: "PutItem", options: c.cfg.APIOptions, err: c.err}.do(ctx)
	return err
}

// Every call of a client is a span of the trace.
func Example() {
	var cfg aws.Config // from config.LoadDefaultConfig
	awssdk.Instrument(&cfg)
	client := orders{cfg: cfg} // dynamodb.NewFromConfig(cfg)
	handler := func(ctx context.Context, o Order) error {
		return client.PutItem(ctx, o.ID)
	}
	tracer := tracing.New(nil)

	res := lambdatest.Run(new(testing.T), lambdakit.WrapFunc(handler, tracer.Middleware), Order{"o-1"})

	span := res.Segment("DynamoDB")
	fmt.Println(span.Namespace, span.Document["aws"])
	// Output: aws map[operation:PutItem region:eu-west-1]
}

// A conditional write fails if the order exists. This is a normal answer, so the span of the call
// is not an error.
func ExampleExpectErrors() {
	var cfg aws.Config
	awssdk.Instrument(&cfg)
	client := orders{cfg, &smithy.GenericAPIError{Code: "ConditionalCheckFailedException"}}
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

	span := res.Segment("DynamoDB")
	fmt.Println(string(res.Response), span.Error || span.Fault)
	// Output: "exists" false
}
