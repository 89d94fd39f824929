module github.com/lambdakit/lambdakit/batch/protobuf

go 1.26.0

require (
	github.com/lambdakit/lambdakit v0.0.0
	google.golang.org/protobuf v1.36.12
)

replace github.com/lambdakit/lambdakit => ../../
