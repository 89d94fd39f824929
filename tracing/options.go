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
	// If PassThrough is set: the name of the function.
	Name string

	// TracerProvider creates the spans, for example the provider of the OpenTelemetry SDK
	// with an OTLP exporter. This package then sends nothing to the X-Ray daemon. If the
	// provider has a method ForceFlush(context.Context) error, it is called shortly before
	// the deadline and at the end of each invocation. Default: spans go to the X-Ray daemon.
	TracerProvider trace.TracerProvider

	// FlushTimeout limits each call of ForceFlush. The call also gets at most half of the
	// time that is left before the deadline. Default: 2 s. Negative: ForceFlush is not called.
	FlushTimeout time.Duration

	// Disabled switches tracing off. Default: true in each of these cases, otherwise
	// false:
	//
	//   - POWERTOOLS_TRACE_DISABLED is true.
	//   - POWERTOOLS_TRACE_ENABLED is false.
	//   - AWS_SAM_LOCAL is true, and TracerProvider is nil.
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

	// TraceParent reads the W3C header traceparent of HTTP events. If TracerProvider is set,
	// the header names the parent of the handler span. Otherwise it becomes a link, since the
	// parent in X-Ray is Lambda's segment.
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
