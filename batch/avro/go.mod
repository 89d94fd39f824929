module github.com/lambdakit/lambdakit/batch/avro

go 1.26.0

require (
	github.com/lambdakit/lambdakit v0.0.0
	github.com/twmb/avro v1.9.1
)

require github.com/aws/aws-lambda-go v1.55.1 // indirect

replace github.com/lambdakit/lambdakit => ../../
