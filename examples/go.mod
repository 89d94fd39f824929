module github.com/lambdakit/lambdakit/examples

go 1.26.0

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/lambdakit/lambdakit v0.0.0
	github.com/lambdakit/lambdakit/tracing v0.0.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	go.opentelemetry.io/otel v1.47.0 // indirect
	go.opentelemetry.io/otel/trace v1.47.0 // indirect
)

replace (
	github.com/lambdakit/lambdakit => ../
	github.com/lambdakit/lambdakit/tracing => ../tracing
)
