// Package tracing makes OpenTelemetry spans of Lambda invocations, and sends them to X-Ray
// through the daemon that every Lambda environment has: no collector, no layer, no
// exporter to set up.
//
// Two things have to be switched on, and fail without a word where they are not: the
// function's tracing mode has to be Active, and its role needs xray:PutTraceSegments and
// xray:PutTelemetryRecords (the managed policy AWSXRayDaemonWriteAccess). In the mode
// PassThrough, Lambda's default, spans would appear below the function's caller: see
// Options.PassThrough.
//
//	tracer := tracing.New(nil)
//
//	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
//
//	func handle(ctx context.Context, o Order) (Receipt, error) {
//		tracing.Annotate(ctx, "customer", o.Customer) // traces can be searched for it
//		return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
//			return charge(ctx, o)
//		})
//	}
//
// # Spans
//
// [Provider.Middleware] makes the handler span: with the annotations ColdStart and Service,
// and the error or panic of the handler with its causes and stack. [Run], [Call] and
// [Start] make spans below the one that their context carries; so does every library that
// is instrumented with OpenTelemetry, given the [Provider] or, through package
// otelglobal, OpenTelemetry's global one. [Transport] makes spans of HTTP requests,
// package awssdk of calls of aws-sdk-go-v2. Spans travel in contexts alone: a context
// without one makes no spans, and invocations that run at once never mix.
//
// Whether a trace is recorded is decided before the function runs, and arrives in the
// invocation's trace header: by default Lambda samples one request a second and a
// twentieth of the others. An invocation that is not recorded costs next to nothing. A
// header without parent or decision means no trace. Work before the first invocation is
// part of no trace.
//
// # What X-Ray gets
//
// Each span becomes one segment document when it ends, in one datagram: spans that have ended
// are not lost when the process dies. Shortly before the deadline, and when the invocation
// ends, spans that are still open are sent as in progress; the last document replaces an earlier
// one. An invocation that Lambda kills is therefore seen in X-Ray.
//
// The daemon's socket holds about 100 documents of usual size, and the system drops others
// without a word. Spans that end faster therefore wait: the rate is about 50 in a millisecond
// after the first 100. An invocation waits for 10 ms at most, and for 25 ms more
// if it leaves many spans open. Spans beyond that are dropped, and reported. The handler span is never dropped: in a
// burst it is sent early as in progress, and at the end after a pause of 4 ms.
//
// An invocation that was marked with Invocation.Fail is a fault, as one whose handler returns
// an error.
//
// Attributes are mapped as OpenTelemetry's collector does it for X-Ray, by the older and
// the current semantic conventions: HTTP, AWS calls, SQL, users, exceptions; kind client
// makes a node of its own on the trace map. Attributes that have no place of their own
// become metadata, those listed in Options.Annotations annotations. Events other than
// exceptions, and links, become metadata. Names and keys lose the characters that X-Ray
// refuses; URLs their user and the credentials in their query; what is too long is cut with
// a mark, and reported once.
//
// The senders of an SQS batch become links of the handler span.
//
// # Other destinations
//
// With Options.TracerProvider spans are those of another trace.TracerProvider, such as the
// OpenTelemetry SDK's with an OTLP exporter. Everything in this package works on them; the
// provider is flushed at the end of the invocation, within Options.FlushTimeout.
//
// # Bounds
//
// An invocation has at most 1,000 open spans, which hold 4 MB of values together. One report
// says how many spans and values were dropped.
//
// A span holds 128 attributes, events, links, annotations and values of metadata each; the
// number of others is metadata. A document has 50 annotations, as many as X-Ray indexes; others
// are left out, and reported.
//
// A document has at most 65,477 bytes, as many as a datagram holds. (The service takes 64 kB.)
// If a span is larger, as many JSON values as fit stay whole, and of others the beginning is
// left as a string. Texts that are too long are cut to the same length. The report names the
// limit.
//
// # Environment
//
// POWERTOOLS_SERVICE_NAME, POWERTOOLS_TRACE_DISABLED, POWERTOOLS_TRACE_ENABLED,
// POWERTOOLS_TRACER_CAPTURE_RESPONSE (false unless it is set), AWS_XRAY_DAEMON_ADDRESS,
// AWS_SAM_LOCAL (switches tracing off), _HANDLER.
package tracing
