// Package tracing compares the cost of spans of Lambda invocations with the toolkit and with
// other libraries.
//
//	go test -run '^$' -bench . ./tracing
//
// Each invocation takes a small event and the trace header that Lambda's runtime puts into the
// context. It is called through lambda.Handler. So polling for the event and posting the
// response, which are the same for all libraries, are not measured. TestSameSpans checks that
// all libraries that send spans send the same name, trace and parent, that the others send
// nothing, and that all give the same response.
//
// # Libraries
//
//   - bare: lambda.NewHandler of aws-lambda-go, without spans.
//   - frame: lambdakit.Wrap without middleware, without spans.
//   - lambdakit: the middleware of package tracing, which sends its own spans to the daemon.
//     tracing.Run makes the spans below the handler span. "-off" is with Options.Disabled.
//   - lambdakit-sdk: the same middleware with spans of the OpenTelemetry SDK. They go through
//     package xrayexporter behind a syncer, as the documentation of that package recommends.
//   - otellambda: otellambda of opentelemetry-go-contrib, and the OpenTelemetry SDK with its
//     default sampler (it follows the parent) and a batcher that each invocation flushes. Its
//     exporter drops the spans; a real exporter would encode and send them as well.
//   - otellambda-xrayexporter: the same, with an exporter that encodes and sends.
//   - xray: aws-xray-sdk-go/v2, with a subsegment for the handler and xray.Capture for the
//     spans below it.
//   - frame+write: frame, and one write of the datagram that lambdakit sends, made in advance.
//     This is the least that a span can cost if it is sent when it ends.
//   - floor: the same write and nothing else. It costs less than in an invocation, because in
//     a loop not every write has to wake the reader.
//
// Datagrams go to a UDP socket on 127.0.0.1. A goroutine reads and drops them, as the daemon
// does.
//
// The handler spans agree only in name, trace, parent and times. The spans of lambdakit have
// the annotations ColdStart and Service, the request id and the ARN. The spans of otellambda
// have the request id and the parts of the ARN. The spans of xray have neither.
//
// # Comparisons
//
// BenchmarkInvocation: the cost of a handler span is the difference to bare or, for lambdakit,
// to frame. The library's own part is the difference to frame+write. In
// BenchmarkInvocationParallel eight invocations run at the same time, and the daemon competes
// with them for the processors.
//
// BenchmarkTenSpans is an invocation with ten spans below the handler span. lambdakit sends
// eleven datagrams, each when its span ends. xray sends one datagram when the handler span
// ends; if the process were killed before that, all eleven spans would be lost.
//
// BenchmarkSpan and BenchmarkSpanParallel measure one span within an invocation.
// BenchmarkSpanAttributes measures one with five attributes, which are set after the start and
// become metadata in X-Ray. otellambda and xray keep spans until the invocation ends. So their
// invocations end after ten spans, as in BenchmarkTenSpans, and each span's time includes a
// tenth of an invocation.
//
// Allocations are counted in the whole process, including the batcher's goroutine.
package tracing
