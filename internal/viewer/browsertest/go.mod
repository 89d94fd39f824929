module github.com/lambdakit/lambdakit/internal/viewer/browsertest

go 1.26.0

require github.com/lambdakit/lambdakit v0.0.0

replace github.com/lambdakit/lambdakit => ../../..
