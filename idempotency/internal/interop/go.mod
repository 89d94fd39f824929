module github.com/lambdakit/lambdakit/idempotency/internal/interop

go 1.26.0

require (
	github.com/go-json-experiment/json v1.27.2
	github.com/jmespath-community/go-jmespath v1.1.1
	github.com/jmespath/go-jmespath v0.4.0
	github.com/lambdakit/lambdakit v0.0.0
)

require golang.org/x/exp v0.0.0-20230314191032-db074128a8ec // indirect

replace github.com/lambdakit/lambdakit => ../../../
