// Package tracing compares what spans of Lambda invocations cost with the toolkit and with
// other libraries.
//
//	go test -run '^$' -bench . ./tracing
//
// Each invocation takes a small event and the trace header that Lambda's runtime puts into
// the context. It is called through lambda.Handler, so that polling for the event and
// posting the response, which are the same for all, are left out. TestSameSpans holds all
// libraries that claim to send spans to the same name, trace and parent, and to the same
// responses; the others to sending nothing.
//
// # Libraries
//
//   - bare: lambda.NewHandler of aws-lambda-go, no spans.
//   - frame: lambdakit.Wrap without middleware, no spans.
//   - lambdakit: the middleware of package tracing, its own spans sent to the daemon,
//     tracing.Run for those below the handler's. "-off" is with Options.Disabled.
//   - lambdakit-sdk: the same middleware, the spans those of the OpenTelemetry SDK, with
//     package xrayexporter behind a syncer, as that package's documentation has it.
//   - otellambda: otellambda of opentelemetry-go-contrib, and the OpenTelemetry SDK with its
//     default sampler (as the parent says) and a batcher that is flushed with each
//     invocation. Its exporter drops the spans; a real one encodes and sends them as well.
//   - otellambda-xrayexporter: the same, with an exporter that encodes and sends.
//   - xray: aws-xray-sdk-go/v2, a subsegment for the handler, xray.Capture for those below.
//   - frame+write: frame, and one write of the datagram that lambdakit sends, made
//     beforehand: the least that a span sent at once can cost.
//   - floor: the same write and nothing else. In a loop the reader need not be woken each
//     time, so it costs less than in an invocation.
//
// What is sent goes to a UDP socket on 127.0.0.1 that a goroutine reads and drops, as the
// daemon does.
//
// The handler spans do not say the same apart from name, trace, parent and times. Those of
// lambdakit have the annotations ColdStart and Service, the request id and the ARN; those
// of otellambda the request id and what the ARN says; those of xray nothing.
//
// # What to compare
//
// BenchmarkInvocation: the cost of a handler span is the difference to bare and, for
// lambdakit, to frame; what the library is to blame for is that to frame+write. In
// BenchmarkInvocationParallel eight invocations run at once; the daemon competes with them
// for the processors.
//
// BenchmarkTenSpans is an invocation with ten spans below the handler's. lambdakit sends
// eleven datagrams, each when its span ends. xray sends one when the handler's ends; were
// the process killed before, nothing of the eleven.
//
// BenchmarkSpan and BenchmarkSpanParallel are one span within an invocation,
// BenchmarkSpanAttributes one with five attributes, set once it has started, which become
// metadata in X-Ray. otellambda and xray keep spans until the invocation ends, so theirs
// ends after ten, as in BenchmarkTenSpans, and a tenth of an invocation is in each span.
//
// Allocations are those of the whole process, the batcher's goroutine among them.
package tracing
