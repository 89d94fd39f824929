module github.com/lambdakit/lambdakit/benchmarks

go 1.26

require (
	github.com/aws/aws-lambda-go v1.55.1
	github.com/lambdakit/lambdakit v0.0.0
	github.com/phuslu/log v1.0.121
	github.com/prozz/aws-embedded-metrics-golang v1.2.0
	github.com/rs/zerolog v1.35.1
	go.uber.org/zap v1.28.0
)

require (
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	golang.org/x/sys v0.29.0 // indirect
)

replace github.com/lambdakit/lambdakit => ../
