package coldstart

// Function is a function to compare.
type Function struct {
	Name string // the name of its folder in testdata
	What string // the description in reports
	Peer bool   // uses another library, for comparison

	Event string // of an invocation; empty: an order

	// Modules are the folders of the modules of the checkout that it requires, without the root.
	Modules []string

	// Requires are other modules, as "path version". If the benchmarks require a module too,
	// its version is the same here. A test checks that.
	Requires []string
}

// Bare is the function that the others are compared with.
const Bare = "bare"

const (
	zerolog   = "github.com/rs/zerolog v1.35.1"
	prozz     = "github.com/prozz/aws-embedded-metrics-golang v1.2.0"
	awsSDK    = "github.com/aws/aws-sdk-go-v2 v1.47.7"
	dynamodb  = "github.com/aws/aws-sdk-go-v2/service/dynamodb v1.73.1"
	otel      = "go.opentelemetry.io/otel v1.47.0"
	otelTrace = "go.opentelemetry.io/otel/trace v1.47.0"
	otelSDK   = "go.opentelemetry.io/otel/sdk v1.47.0"
	otlp      = "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp v1.47.0"
	xraySDK   = "github.com/aws/aws-xray-sdk-go/v2 v2.0.1"
)

// message is the event of a queue with an order.
const message = `{"Records":[{"messageId":"m1","body":"{\"id\":\"ord-2048-7731\",\"total\":12.5}","attributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:orders"}]}`

// request is the event of an HTTP API with an order.
const request = `{"version":"2.0","routeKey":"$default","rawPath":"/orders/ord-2048-7731","rawQueryString":"","headers":{"content-type":"application/json","host":"a1.execute-api.us-east-1.amazonaws.com"},"requestContext":{"http":{"method":"PUT","path":"/orders/ord-2048-7731","protocol":"HTTP/1.1","sourceIp":"203.0.113.9"},"stage":"$default"},"body":"{\"total\":12.5}","isBase64Encoded":false}`

// Functions are all functions. Their version of aws-lambda-go is the one that the root module
// requires.
var Functions = []Function{
	{Name: Bare, What: "bare: lambda.Start(handler)"},
	{Name: "logging", What: "Wrap and logging"},
	{Name: "metrics", What: "Wrap and metrics"},
	{Name: "tracing", What: "Wrap and tracing", Modules: []string{"tracing"}},
	{Name: "core", What: "Wrap, logging and metrics"},
	{Name: "full", What: "Wrap, logging, metrics and tracing", Modules: []string{"tracing"}},
	{Name: "batch", What: "all three and batch", Modules: []string{"tracing"}, Event: message},
	{Name: "httpapi", What: "all three and httpapi with a ServeMux", Modules: []string{"tracing"}, Event: request},
	{Name: "httpapi-typed", What: "all three and httpapi with a typed operation", Modules: []string{"tracing"}, Event: request},
	{Name: "full-otlp", What: "all three, spans to an OTLP backend after the response", Modules: []string{"tracing"}},
	{Name: "tracing-otlp", What: "Wrap and tracing to an OTLP backend", Modules: []string{"tracing"}},
	{Name: "tracing-respondfirst", What: "Wrap and tracing to an OTLP backend after the response", Modules: []string{"tracing"}},
	{Name: "params-extension", What: "bare and params with the extension"},
	{Name: "params-parameterstore", What: "bare and params with Parameter Store", Modules: []string{"aws"}},
	{Name: "idempotency-dynamodb", What: "Wrap and idempotency with DynamoDB", Modules: []string{"aws"}},
	{Name: "extension", What: "bare and an internal extension by hand", Peer: true},
	{Name: "slog", What: "bare and log/slog's JSONHandler", Peer: true},
	{Name: "zerolog", What: "bare and zerolog", Peer: true, Requires: []string{zerolog}},
	{Name: "dynamodb", What: "bare and the client of DynamoDB, called directly", Peer: true, Requires: []string{awsSDK, dynamodb}},
	{Name: "otel-api", What: "bare and OpenTelemetry's API alone: SpanFromContext, Start, one attribute", Peer: true, Requires: []string{otel, otelTrace}},
	{Name: "otlp", What: "bare, OpenTelemetry's SDK and otlptracehttp", Peer: true, Requires: []string{otel, otelSDK, otlp}},
	{Name: "xray", What: "bare and aws-xray-sdk-go/v2", Peer: true, Requires: []string{xraySDK}},
	{Name: "zerolog-xray", What: "bare, zerolog and aws-xray-sdk-go/v2", Peer: true, Requires: []string{zerolog, xraySDK}},
	{Name: "libraries", What: "bare, zerolog, prozz/aws-embedded-metrics-golang, OpenTelemetry's SDK and otlptracehttp", Peer: true, Requires: []string{zerolog, prozz, otel, otelSDK, otlp}},
}

// Named returns the functions with these names, in the order of Functions.
func Named(names ...string) []Function {
	var some []Function
	for _, f := range Functions {
		for _, name := range names {
			if f.Name == name {
				some = append(some, f)
			}
		}
	}
	return some
}
