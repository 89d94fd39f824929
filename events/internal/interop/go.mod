module github.com/lambdakit/lambdakit/events/internal/interop

go 1.26.0

require (
	github.com/lambdakit/lambdakit v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	pgregory.net/rapid v1.3.0
)

require (
	github.com/aws/aws-lambda-go v1.55.1 // indirect
	golang.org/x/text v0.14.0 // indirect
)

replace github.com/lambdakit/lambdakit => ../../../
