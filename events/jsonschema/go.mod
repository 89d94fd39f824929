module github.com/lambdakit/lambdakit/events/jsonschema

go 1.26.0

require (
	github.com/google/jsonschema-go v0.4.3
	github.com/lambdakit/lambdakit v0.0.0
)

require github.com/aws/aws-lambda-go v1.55.1 // indirect

replace github.com/lambdakit/lambdakit => ../../
