module github.com/lambdakit/lambdakit/examples

go 1.26

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/lambdakit/lambdakit v0.0.0
)

replace github.com/lambdakit/lambdakit => ../
