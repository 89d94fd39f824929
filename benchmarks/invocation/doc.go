// Package invocation compares the cost of a whole invocation, from the bytes of the event to
// the bytes of the response, with the toolkit, with other libraries and with aws-lambda-go
// alone.
//
//	go test -run '^$' -bench . ./invocation
//
// There are two functions. One takes a small event. The other takes a request of an API
// Gateway HTTP API (testdata/apigateway-v2.json, about 2 KB). Each is called through
// lambda.Handler. So polling for the event and posting the response, which are the same for
// all variants, are not measured.
//
// # Variants without instruments, or with one
//
//   - bare: lambda.NewHandler of aws-lambda-go.
//   - frame: lambdakit.Wrap without middleware.
//   - bare+slog: lambda.NewHandler, and one line with two attributes through the
//     JSONHandler of log/slog. The line does not describe the invocation.
//   - logging: lambdakit.Wrap with the middleware of package logging. It writes the same
//     line with the fields of the invocation, and it sets a timer for the deadline.
//
// # Variants with all instruments
//
// These variants write one log line with the fields of the invocation and two attributes.
// They write two metrics in one document, with the id of the invocation. Their trace is not
// sampled, so no spans are sent. TestSameInformation checks that all of them have the same
// output.
//
//   - lambdakit: lambdakit.Wrap with the middleware of tracing, logging and metrics.
//   - lambdakit-off: the same, but metrics and tracing are disabled, and the line is below
//     the level.
//   - libraries: lambda.NewHandler inside otellambda, with the OpenTelemetry SDK and a
//     flush, zerolog and prozz/aws-embedded-metrics-golang. None of them reports an imminent
//     timeout.
//   - floor: no library. encoding/json decodes and encodes, and the handler is called
//     without reflection. Line and document are texts made in advance; only the values that
//     change are copied into them. The clock is not read, and no text is escaped.
//
// # Destinations and concurrency
//
// Lines and documents go to io.Discard. If the name of the benchmark ends with File, they go
// to /dev/null. If it ends with Pipe, they go to a pipe that a goroutine reads, as Lambda
// does. With File and Pipe each line and each document is a system call. If the name contains
// Parallel, eight invocations run at the same time.
//
// TestSameResponses checks that all variants return the same response. In the parallel
// benchmarks the responses of bare and of the variants on top of it can be wrong:
// lambda.NewHandler returns the bytes of a buffer that the next invocation may already
// overwrite. Its time is still the time of the same work.
package invocation
