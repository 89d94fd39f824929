package tracing

import (
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Options configures a [Provider]. A nil *Options, and every zero field, means the default.
// What a field says wins over the environment variable named with it.
type Options struct {
	// Service is the annotation Service of every handler span, and the namespace of
	// metadata. Default: POWERTOOLS_SERVICE_NAME; without one there is no such
	// annotation, and the namespace is "default".
	Service string

	// Name is the name of the handler span. Default: "## " and the configured handler
	// (_HANDLER) or, where that says nothing, as "bootstrap", the function's name.
	Name string

	// TracerProvider makes the spans, instead of those that are sent to X-Ray's daemon: that
	// of the OpenTelemetry SDK with an exporter, say. Where it has a method
	// ForceFlush(context.Context) error, that is called at the end of each invocation.
	TracerProvider trace.TracerProvider

	// FlushTimeout bounds that call; it never gets more than half of the time that is
	// left to the invocation. Default: 2 s. Negative: it is not called.
	FlushTimeout time.Duration

	// Disabled switches everything off. Default: POWERTOOLS_TRACE_DISABLED, else the
	// opposite of POWERTOOLS_TRACE_ENABLED; and where the program does not run in
	// Lambda, or AWS_SAM_LOCAL is set. A Provider is used anywhere.
	Disabled *bool

	// PassThrough is for functions whose tracing mode is PassThrough, Lambda's
	// default, where Lambda itself writes no segment for the function: the handler
	// span is then sent as one. With active tracing the function would appear twice.
	PassThrough bool

	// CaptureResponse puts the response of the handler into the metadata of its span.
	// Default: POWERTOOLS_TRACER_CAPTURE_RESPONSE, else false: responses hold what
	// users entrust to the function. Streams are not captured.
	CaptureResponse *bool

	// MaxResponseBytes is the longest response captured; of a longer one, the size is.
	// Default: 8192.
	MaxResponseBytes int

	// Annotations lists the keys of attributes, of any span, that X-Ray indexes. Those
	// passed to [Annotate] are indexed anyway.
	Annotations []string

	// SpanLinks writes links of spans as "links" of the document, which X-Ray
	// understands but does not document. Default: they are metadata.
	SpanLinks bool

	// TraceParent reads the W3C header traceparent of HTTP events. With a Provider it
	// is the parent of the handler span; else it becomes a link, since the parent in
	// X-Ray is Lambda's own segment.
	TraceParent bool

	// DaemonAddress is the X-Ray daemon's, "host:port" or "tcp:host:port
	// udp:host:port". Default: AWS_XRAY_DAEMON_ADDRESS, which Lambda sets, else
	// 127.0.0.1:2000. A name, as Lambda's is not, is looked up by the first span that is
	// sent, which waits for half a second at most.
	DaemonAddress string

	// OnError is told what is wrong with the configuration, and when spans are lost,
	// once for each kind of trouble. Default: one line of JSON on os.Stderr each, at
	// most ten a minute.
	OnError func(error)
}
