package migrate_test

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-xray-sdk-go/v2/instrumentation/awsv2"
	"github.com/aws/aws-xray-sdk-go/v2/xray"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
	"github.com/lambdakit/lambdakit/tracing/xraysdk"
)

var cfg aws.Config

// guide: xray-before
func xrayTake(ctx context.Context, o Order) (receipt Receipt, err error) {
	xray.AddAnnotation(ctx, "order_id", o.ID) // fails outside Capture: the segment is Lambda's
	err = xray.Capture(ctx, "charge card", func(ctx context.Context) error {
		xray.AddMetadata(ctx, "order", o)
		receipt, err = charge(ctx, o)
		return err
	})
	return receipt, err
}

func xrayMain() {
	awsv2.AWSV2Instrumentor(&cfg.APIOptions)
	table := dynamodb.NewFromConfig(cfg)
	payments := xray.Client(nil)
	use(table, payments)
	lambda.Start(xrayTake)
}

// end

// guide: xray-after
func tracedTake(ctx context.Context, o Order) (Receipt, error) {
	tracing.Annotate(ctx, "order_id", o.ID) // on the handler span
	return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
		tracing.AddMetadata(ctx, "order", o)
		return charge(ctx, o)
	})
}

func tracedMain() {
	awssdk.Instrument(&cfg)
	table := dynamodb.NewFromConfig(cfg)
	payments := &http.Client{Transport: &tracing.Transport{}}
	use(table, payments)
	tracer := tracing.New(nil)
	lambda.Start(lambdakit.Wrap(tracedTake, tracer.Middleware))
}

// end

func use(*dynamodb.Client, *http.Client) {}

func Example_xrayMain() {
	xrayMain()
	tracedMain()
}

func Example_xrayBoth() {
	// guide: xray-both
	tracer := tracing.New(nil)
	lambda.Start(lambdakit.Wrap(xrayTake, tracer.Middleware, xraysdk.Middleware)) // calls of the SDK are children of the handler span
	// end
}
