// Package invocation compares what a whole invocation costs, from the event's bytes
// to the response's, with the toolkit, with other libraries and with aws-lambda-go
// alone.
//
//	go test -run '^$' -bench . ./invocation
//
// Two functions are measured: one that takes a small event of its own, and one that
// takes a request of an API Gateway HTTP API (testdata/apigateway-v2.json, about
// 2 KB). Each is called through lambda.Handler, so that polling for the event and
// posting the response, which are the same for all, are left out.
//
// # Without instruments, or with one
//
//   - bare: lambda.NewHandler of aws-lambda-go.
//   - frame: lambdakit.Wrap without middleware.
//   - bare+slog: lambda.NewHandler, and one line with two attributes through the
//     JSONHandler of log/slog. The line says nothing about the invocation.
//   - logging: lambdakit.Wrap with the middleware of package logging, and the same
//     line through it, with the fields of the invocation, and a timer set for its
//     deadline.
//
// # With all of them
//
// One log line with the fields of the invocation and two attributes, two metrics with
// the invocation's id in one document, and a trace that is not sampled, so that
// nothing is sent. TestSameInformation holds all of these to the same output.
//
//   - lambdakit: lambdakit.Wrap with the middleware of tracing, logging and metrics.
//   - lambdakit-off: the same; metrics and tracing are disabled, and the line is below
//     the level.
//   - libraries: lambda.NewHandler inside otellambda, with the OpenTelemetry SDK and a
//     flush, zerolog and prozz/aws-embedded-metrics-golang. Nobody says anything before
//     a timeout.
//   - floor: no library. encoding/json without reflection on the call, and line and
//     document made of texts that were made beforehand, into which what changes is
//     copied. The clock is not read, and nothing is escaped.
//
// # Sinks and concurrency
//
// Lines and documents go to io.Discard; where the name of the benchmark ends in File
// to /dev/null, in Pipe to a pipe that a goroutine reads, as Lambda does: there each
// line and each document is a system call. In the benchmarks with Parallel in their
// name eight invocations run at once.
//
// TestSameResponses holds all of them to the same response bytes. In the parallel
// benchmarks that is not so for bare and what is built on it: lambda.NewHandler returns
// the bytes of a buffer that the next invocation may already be writing to. Its time is
// still that of the work done.
package invocation
