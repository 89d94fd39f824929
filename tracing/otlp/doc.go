// Package otlp sends the spans of package tracing to any OpenTelemetry backend, with OTLP over HTTP.
// It needs neither the OpenTelemetry SDK nor a collector. It adds 0.14 MB to a function. The SDK and
// its exporter add 7.4 MB.
//
//	tracer := tracing.New(&tracing.Options{Exporter: otlp.New(nil)})
//
//	lambda.Start(lambdakit.Wrap(handle, lambdakit.RespondFirst, tracer.Middleware))
//
// The endpoint and the key of the backend usually come from environment variables:
//
//	OTEL_EXPORTER_OTLP_ENDPOINT=https://api.honeycomb.io
//	OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=KEY
//
// Everybody who can read the configuration of the function can read a key in a variable. [Options]
// takes a key from elsewhere, such as a parameter that package params reads in main.
//
// # When spans are sent
//
// A span is encoded when it ends. One request sends all spans of an invocation at its end:
//
//   - With lambdakit.RespondFirst, the caller already has the response, so a slow backend costs the
//     caller nothing. Its time is billed.
//   - Otherwise the response waits, for tracing.Options.FlushTimeout at most, and for half of the time
//     that is left before the deadline.
//
// Shortly before the deadline, spans that have ended are sent. Spans that are still open are sent as
// if they ended then, with the status Error and the attribute lambdakit.unfinished. Their later end is
// not sent, since a backend cannot replace a span.
//
// Spans that end after the invocation wait for the next one. At most 4 MB of spans wait, about 15,000
// small ones. Others are dropped, and a report counts them.
//
// # If the backend fails
//
//   - A request is repeated after 429, 502, 503 and 504, at most twice, within FlushTimeout. The
//     exporter waits as long as the header Retry-After says, or else 50 ms and longer.
//   - A request without an answer is repeated once, immediately.
//   - Then the spans wait, at most 4 MB of them. The next flush sends them, but not before a pause of 5
//     s, and later 10, 20, 40 and 60 s. So a backend that hangs costs FlushTimeout once in a pause.
//   - Other answers are final, and their spans are lost. This is reported.
//
// lambdakit.Shutdown, for lambda.WithEnableSIGTERM, also sends spans that wait. Without it they are lost if
// the execution environment ends.
//
// Lambda freezes the process between invocations, and the other side may forget the connection
// meanwhile. The exporter uses a connection that was idle for more than 20 s no more, and lets
// net/http repeat a request whose connection turns out to be dead.
//
// # Spans
//
// Annotations and metadata become attributes. Metadata is JSON text, and its key has the namespace as
// a prefix if it is not the default one. If a key is both, the annotation wins. Bytes that are not
// UTF-8 become U+FFFD.
//
// The name of the handler span is the function's name, or method and route of an HTTP event. The
// resource describes the function.
//
// # Parent and sampling
//
// Lambda's trace header is present even if X-Ray is off, and then says that the trace is not recorded.
// So it does not decide:
//
//   - The parent of the handler span is the span in the headers traceparent and tracestate of an HTTP
//     event. Other events have no parent.
//   - A span without a parent begins the trace whose id is in Lambda's header. Log lines and X-Ray have
//     the same id.
//   - If X-Ray records the trace, the handler span has a link to Lambda's span.
//   - tracing.Options.Sampler decides which traces are recorded.
//   - Calls get the header traceparent of our span, and X-Amzn-Trace-Id as it came.
//
// CloudWatch's endpoint, of package cloudwatch, is X-Ray: the parent is Lambda's span, X-Ray decides,
// and annotations can be searched.
//
// # Environment variables
//
// A variable OTEL_EXPORTER_OTLP_TRACES_x wins over OTEL_EXPORTER_OTLP_x.
//
//   - OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT, _COMPRESSION: see [Options]
//   - OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf is supported
//   - OTEL_EXPORTER_OTLP_CERTIFICATE: a file with the certificates to trust
//   - OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, _CLIENT_KEY: see Options.LoadClientCertificate
//   - OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES: the resource. service.name is
//     tracing.Options.Service, or else Options.Resource, OTEL_SERVICE_NAME, POWERTOOLS_SERVICE_NAME,
//     OTEL_RESOURCE_ATTRIBUTES, or the function's name
//   - OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG: see tracing.Options.Sampler; default
//     parentbased_always_on
//   - OTEL_PROPAGATORS: see tracing.Parent; default tracecontext
//   - OTEL_SDK_DISABLED=true, OTEL_TRACES_EXPORTER=none: nothing is recorded
//   - OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT, OTEL_SPAN_LINK_COUNT_LIMIT,
//     OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT, OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: limits; at most 128
//   - OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: characters of a text; default no limit
//   - OTEL_ATTRIBUTE_COUNT_LIMIT, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: if the ones for spans are unset
//   - HTTPS_PROXY, HTTP_PROXY, NO_PROXY: proxies
//
// OTEL_BSP_x has no effect, since there is no batch processor.
//
// # Errors
//
// [New] never fails. OnError gets wrong settings and lost spans. Reports and errors contain no headers,
// and nothing of the endpoint but its host.
package otlp
