// Package otlp compares the cost of spans that go to an OpenTelemetry backend over OTLP, with the
// toolkit and with the OpenTelemetry SDK.
//
//	go test -run '^$' -bench . ./otlp
//
// Each invocation takes a small event, as in package tracing of this module. TestSameSpans checks
// that both libraries send the same spans, in one request for each invocation.
//
// # Libraries
//
//   - bare: lambda.NewHandler of aws-lambda-go, without spans.
//   - lambdakit: the middleware of package tracing with package otlp.
//   - sdk: the OpenTelemetry SDK with a batcher and otlptracehttp. A span around the handler ends
//     with the invocation, and the invocation calls ForceFlush.
//   - floor: one POST with the body that lambdakit sends, made in advance.
//
// The handler spans agree in name, kind and times. The handler span of lambdakit also has the
// attributes of the semantic conventions for Lambda.
//
// # Comparisons
//
// BenchmarkInvocation is an invocation without further spans, and the request with its handler span.
// The request goes to a server in another process on 127.0.0.1, so the server's allocations are not
// counted. Both libraries send it before the response, because nothing is frozen here.
//
// BenchmarkSpan measures one span with three attributes: start, attributes, end, and its part of
// encoding and sending. Each invocation has fifty spans. The client discards the requests, so the time
// is the time of the library.
package otlp
