package cloudwatch_test

import (
	"fmt"
	"os"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/otlp"
	"github.com/lambdakit/lambdakit/tracing/otlp/cloudwatch"
)

func Example() {
	os.Setenv("AWS_REGION", "eu-west-1") // Lambda sets it
	o := cloudwatch.Options(nil)
	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(o)})

	// In main: lambda.Start(lambdakit.Wrap(handle, lambdakit.RespondFirst, tracer.Middleware))
	fmt.Println(o.Endpoint, tracer != nil)
	// Output: https://xray.eu-west-1.amazonaws.com true
}
