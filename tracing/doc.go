// Package tracing records the invocations of a Lambda function as OpenTelemetry spans and sends
// them to AWS X-Ray. It uses the X-Ray daemon that runs in every execution environment, so a
// function needs no collector, no layer and no exporter. With package otlp, the spans go to any
// OpenTelemetry backend instead.
//
//	tracer := tracing.New(nil)
//
//	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
//
//	func handle(ctx context.Context, o Order) (Receipt, error) {
//		tracing.Annotate(ctx, "customer", o.Customer) // X-Ray can search traces by customer
//		return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
//			return charge(ctx, o)
//		})
//	}
//
// # Before you start
//
// Two settings are required. Without them X-Ray shows no spans and reports no error:
//
//   - The tracing mode of the function is Active.
//   - The role of the function allows xray:PutTraceSegments and xray:PutTelemetryRecords. The
//     managed policy AWSXRayDaemonWriteAccess allows both.
//
// Lambda's default mode is PassThrough. In this mode Lambda sends no segment for the function, so
// X-Ray shows the spans directly below the caller. If you keep this mode, set Options.PassThrough
// to send the handler span as a segment.
//
// # Spans
//
// The middleware starts a span for each invocation, the handler span. Spans inside the function
// come from:
//
//   - [Run] and [Call], which run a function inside a span and record its error
//   - [Start], for a span that does not end with a function
//   - [Transport], a span for each HTTP request
//   - package batch, a span for each record, with a link to its sender
//   - package awssdk, a span for each call of aws-sdk-go-v2
//   - libraries that are instrumented with OpenTelemetry
//
// A new span is a child of the span in its context. If the context has no span, nothing is
// recorded. The spans of concurrent invocations therefore never mix, and work before the first
// invocation is not part of a trace.
//
// The handler span has the annotations ColdStart and Service. If the handler fails or panics, the
// span also has the error, the errors that it wraps, and the stack of a panic. An invocation marked
// by Invocation.Fail is recorded as if the handler had returned the error. If an SQS message
// carries a trace header, the handler span links to the sender.
//
// A record of a batch has a span of its own while package batch handles it, or your own loop after
// lambdakit.BeginMessage: a CONSUMER span with a link to its sender. Its name is the queue, stream,
// table or topic and "process".
//
// [Annotate] adds values that X-Ray can search. [AddMetadata] adds values that X-Ray only shows.
// Annotate, AddMetadata, Run, Call and Start also work outside an invocation: they record nothing, unless
// the context has a span of Options.TracerProvider.
//
// The order of tracer.Middleware and the middleware of package logging in lambdakit.Wrap does not
// matter. For log lines with the ids of the span, see [LogAttrs].
//
// # Libraries
//
// A [Provider] is a trace.TracerProvider. Pass it to a library that takes one, such as otelhttp:
//
//	otelhttp.NewTransport(nil, otelhttp.WithTracerProvider(tracer))
//
// A library without such an option uses OpenTelemetry's global provider. Package otelglobal makes
// a Provider the global one.
//
// # Sampling
//
// Lambda decides before the invocation whether its trace is recorded, and passes the decision in
// the trace header. By default it records one request a second and 5% of the others. If the header
// has no parent or no decision, nothing is recorded. With Options.TracerProvider, the sampler of
// that provider decides instead, and with Options.Exporter, Options.Sampler.
//
// # When spans are sent
//
// Each span is sent when it ends, as one segment document in one UDP datagram. Spans that have
// ended are therefore not lost if the process dies. Spans that are still open are sent as in
// progress shortly before the deadline and at the end of the invocation. A later document of the
// same span replaces the earlier one. An invocation that Lambda kills at its deadline is therefore
// visible in X-Ray.
//
// The socket of the daemon holds about 100 documents of usual size, and the operating system drops
// documents that do not fit. So after 100 spans in a burst, spans wait: about 50 spans are sent in
// a millisecond.
//
//   - The first 32 KB of an invocation, about 25 spans, never wait.
//   - The spans of an invocation wait for 10 ms at most.
//   - Spans that are still open at the end wait for another 25 ms at most.
//   - Spans beyond these limits are dropped, and the loss is reported.
//   - The handler span is never dropped. In a burst it is sent early as in progress, and again at
//     the end after a pause of 4 ms.
//
// # Segment documents
//
// Attributes for HTTP, AWS calls, SQL, users and exceptions are converted to X-Ray's fields, as the
// X-Ray exporter of the OpenTelemetry collector does. Current and older semantic conventions are
// known.
//
//   - A span of kind client is a node of the trace map.
//   - Attributes in Options.Annotations become annotations.
//   - Other attributes, links, and events that are not exceptions become metadata.
//   - Characters that X-Ray rejects are removed from names and keys.
//   - The user and the credentials in the query are removed from URLs.
//   - Long values are cut and marked. Only the first cut is reported.
//
// # Limits
//
//   - Open spans: 1,000 in an invocation. One report counts the spans that were dropped.
//   - Values of open spans: 4 MB in an invocation. One report counts the values that were dropped.
//   - Attributes, events, links, annotations and metadata: 128 of each kind in a span. The span's
//     metadata has the number of dropped ones.
//   - Annotations: 50 in a document, since X-Ray indexes 50 in a trace. Others are left out and
//     reported.
//   - Size: 65,477 bytes in a document, since a datagram holds no more. (The X-Ray service takes 64
//     kB.) In a larger span, JSON values stay complete if they fit. The others are cut and become
//     strings. Long texts are cut to the same length. The report names the limit.
//
// # Other destinations
//
// Options.Exporter takes an exporter of package otlp. It sends the spans of this package with OTLP
// over HTTP, for example to Honeycomb, Grafana, Datadog, a collector, or CloudWatch's own endpoint:
//
//	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
//
// Options.TracerProvider takes another trace.TracerProvider, such as the OpenTelemetry SDK.
// Everything in this package works with the spans of that provider. Package xrayexporter sends spans
// of the OpenTelemetry SDK to X-Ray.
//
// Spans are flushed after each invocation, for at most Options.FlushTimeout. With
// lambdakit.RespondFirst, the caller has the response before that.
//
// Backends other than X-Ray do not have Lambda's own span. So the parent of the handler span is the
// caller in the header traceparent of an HTTP event, Lambda's decision does not count, and
// [Transport] passes the trace on in traceparent. See [Parent].
//
// # Environment variables
//
//   - POWERTOOLS_SERVICE_NAME: the service (Options.Service)
//   - POWERTOOLS_TRACE_DISABLED: switches tracing off (Options.Disabled)
//   - POWERTOOLS_TRACE_ENABLED: switches tracing off if false; default true
//   - POWERTOOLS_TRACER_CAPTURE_RESPONSE: records responses (Options.CaptureResponse); default false
//   - AWS_XRAY_DAEMON_ADDRESS: the address of the daemon (Options.DaemonAddress); Lambda sets it
//   - AWS_SAM_LOCAL: switches tracing off, unless Options.TracerProvider or Options.Exporter is set
//   - AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_FUNCTION_NAME: tracing is off if neither is set, except in
//     tests with package lambdatest or if Options.TracerProvider is set
//   - _HANDLER: the name of the handler span (Options.Name)
//   - OTEL_PROPAGATORS: the parent of the handler span (Options.Parent), if Options.TracerProvider or
//     Options.Exporter is set
//   - Package otlp lists the variables of Options.Exporter.
//
// # Errors
//
// [New] never fails. It reports a wrong option or environment variable to Options.OnError and uses
// the default. OnError also gets lost spans, once for each kind of problem. Tracing never changes
// the result of a function: Run, Call and the middleware pass on errors and panics as they are.
//
// # Cost
//
// The middleware costs at most 2 allocations if the trace is not recorded. Run, Call, Start and
// Annotate then cost none. If the trace is recorded, the middleware costs at most 4 allocations.
// Each recorded span costs one datagram, and does not wait for an answer.
package tracing
