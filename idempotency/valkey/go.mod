module github.com/lambdakit/lambdakit/idempotency/valkey

go 1.26.0

require (
	github.com/alicebob/miniredis/v2 v2.40.0
	github.com/lambdakit/lambdakit v0.0.0
	github.com/redis/go-redis/v9 v9.23.0
	github.com/valkey-io/valkey-go v1.0.79
)

require (
	github.com/aws/aws-lambda-go v1.55.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/yuin/gopher-lua v1.1.1 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)

replace github.com/lambdakit/lambdakit => ../../
