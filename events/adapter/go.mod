module github.com/lambdakit/lambdakit/events/adapter

go 1.26.0

require (
	github.com/lambdakit/lambdakit v0.0.0
	github.com/sony/gobreaker/v2 v2.4.0
	golang.org/x/time v0.16.0
)

require github.com/aws/aws-lambda-go v1.55.1 // indirect

replace github.com/lambdakit/lambdakit => ../../
