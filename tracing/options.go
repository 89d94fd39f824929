package tracing

import (
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Options configures a [Provider]. A nil *Options, and every zero field, means the default.
// A field wins over its environment variable.
type Options struct {
	// Service is the value of the annotation Service of every handler span, and the
	// namespace of metadata. Default: POWERTOOLS_SERVICE_NAME. If both are empty, handler
	// spans have no annotation Service, and the namespace is "default".
	Service string

	// Name is the name of the handler span. Default: "## " and the configured handler
	// (_HANDLER). If _HANDLER is empty or "bootstrap": "## " and the name of the function.
	// If PassThrough is set: the name of the function. If Exporter is set: method and route of
	// an HTTP event, otherwise the name of the function.
	Name string

	// TracerProvider creates the spans, for example the provider of the OpenTelemetry SDK
	// with an OTLP exporter. This package then sends nothing to the X-Ray daemon. If the
	// provider has a method ForceFlush(context.Context) error, it is called shortly before
	// the deadline and after each invocation: after the response with lambdakit.RespondFirst,
	// otherwise before it. Default: spans go to the X-Ray daemon.
	TracerProvider trace.TracerProvider

	// Exporter sends the spans of this package to a backend other than the X-Ray daemon. Package
	// otlp makes one. It has no effect if TracerProvider is set. Default: spans go to the X-Ray
	// daemon.
	Exporter Exporter

	// FlushTimeout limits each flush of TracerProvider or Exporter. A flush also gets at most
	// half of the time that is left before the deadline. Default: 2 s. Negative: nothing is
	// flushed, unless you call Provider.ForceFlush.
	FlushTimeout time.Duration

	// Parent is the parent of the handler span, if TracerProvider or Exporter is set. With
	// package xrayexporter, set ParentLambda. Default: OTEL_PROPAGATORS, or ParentTraceContext
	// if unset. If Exporter sends to X-Ray: ParentLambda.
	Parent Parent

	// Sampler decides which traces are recorded, if Exporter is set and does not send to X-Ray.
	// Default: OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, or ParentBased(AlwaysSample())
	// if unset.
	Sampler Sampler

	// Disabled switches tracing off. Default: true in each of these cases, otherwise
	// false:
	//
	//   - POWERTOOLS_TRACE_DISABLED is true.
	//   - POWERTOOLS_TRACE_ENABLED is false.
	//   - AWS_SAM_LOCAL is true, and both TracerProvider and Exporter are nil.
	//
	// Outside Lambda, nothing is recorded unless TracerProvider is set.
	Disabled *bool

	// PassThrough sends the handler span as a segment. Set it if the tracing mode of the
	// function is PassThrough, Lambda's default: Lambda then sends no segment for the
	// function. With active tracing, X-Ray would show the function twice.
	PassThrough bool

	// CaptureResponse adds the response of the handler to the metadata of its span. Streams
	// are not captured. Default: POWERTOOLS_TRACER_CAPTURE_RESPONSE, or false if unset,
	// since responses may contain personal data.
	CaptureResponse *bool

	// MaxResponseBytes limits captured responses. For a longer response, its size is
	// recorded. Default: 8192.
	MaxResponseBytes int

	// Annotations lists the keys of attributes that become annotations, in all spans. Keys
	// passed to [Annotate] need not be listed.
	Annotations []string

	// SpanLinks writes the links of spans to the member "links" of the segment document.
	// X-Ray understands this member but does not document it. Default: links are metadata.
	SpanLinks bool

	// TraceParent makes a link of the W3C header traceparent of HTTP events, if the parent of the
	// handler span is Lambda's segment. With other parents, see Parent.
	TraceParent bool

	// DaemonAddress is the address of the X-Ray daemon, "host:port" or "tcp:host:port
	// udp:host:port". Default: AWS_XRAY_DAEMON_ADDRESS, which Lambda sets, or 127.0.0.1:2000
	// if unset. If host is a name, the first span that is sent looks it up and waits for at
	// most half a second. Lambda sets an IP address.
	DaemonAddress string

	// OnError gets an error if the configuration is wrong or spans are lost, once for each
	// kind of problem. Default: each error is one line of JSON on os.Stderr, at most ten a
	// minute.
	OnError func(error)
}
