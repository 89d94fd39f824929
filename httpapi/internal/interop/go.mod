module github.com/lambdakit/lambdakit/httpapi/internal/interop

go 1.26.0

require (
	github.com/danielgtaylor/huma/v2 v2.37.2
	github.com/go-chi/chi/v5 v5.5.0
	github.com/klauspost/compress v1.20.4
	github.com/lambdakit/lambdakit v0.0.0
	github.com/oapi-codegen/runtime v1.9.0
	github.com/rs/cors v1.11.1
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/aws/aws-lambda-go v1.55.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
)

replace github.com/lambdakit/lambdakit => ../../../
