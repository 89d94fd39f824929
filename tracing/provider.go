package tracing

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Provider traces invocations with its [Provider.Middleware]. It is also a trace.TracerProvider
// that libraries such as otelhttp accept. Create it with [New]. It is safe for concurrent use.
type Provider struct {
	embedded.TracerProvider

	service       string
	name          string               // Options.Name: of the handler span
	handler       string               // name of the handler span from _HANDLER; empty: none
	spanName      string               // name of the handler span from the name of the function
	provider      trace.TracerProvider // the user's; nil: spans go to the X-Ray daemon
	own           xrayProvider
	flush         time.Duration
	off           bool // switched off
	outsideLambda bool // spans are recorded only by a test harness
	passThrough   bool
	capture       bool
	maxResponse   int
	traceParent   bool
	daemon        *xray.Daemon
	report        *report.Reporter
	now           func() time.Time
}

// spanPrefix is the start of names of handler spans, as in Powertools for other languages.
const spanPrefix = "## "

const (
	defaultFlush       = 2 * time.Second
	defaultMaxResponse = 8192
)

// New returns a Provider. It never fails: it reports a wrong option or environment variable to
// o.OnError, together with the value that it uses instead. A nil o means the defaults.
func New(o *Options) *Provider {
	if o == nil {
		o = new(Options)
	}
	t := &Provider{
		service:       cmp.Or(o.Service, env.Text("POWERTOOLS_SERVICE_NAME")),
		name:          o.Name,
		handler:       configuredHandler(),
		spanName:      spanPrefix + execenv.Process.FunctionName,
		provider:      o.TracerProvider,
		flush:         cmp.Or(o.FlushTimeout, defaultFlush),
		outsideLambda: !execenv.IsFunction(),
		passThrough:   o.PassThrough,
		maxResponse:   cmp.Or(o.MaxResponseBytes, defaultMaxResponse),
		traceParent:   o.TraceParent,
		report:        report.New(o.OnError),
		now:           time.Now,
	}
	t.own.t = t
	t.off = t.switchedOff(o.Disabled)
	if t.off {
		return t
	}
	if t.maxResponse < 0 {
		t.problem("size", "MaxResponseBytes %d is negative; using %d", t.maxResponse, defaultMaxResponse)
		t.maxResponse = defaultMaxResponse
	}
	if o.CaptureResponse != nil {
		t.capture = *o.CaptureResponse
	} else {
		t.capture = t.envSwitch("POWERTOOLS_TRACER_CAPTURE_RESPONSE", false)
	}
	cfg := xray.Config{Indexed: o.Annotations, Links: o.SpanLinks}
	t.daemon = xray.NewDaemon(cmp.Or(o.DaemonAddress, os.Getenv("AWS_XRAY_DAEMON_ADDRESS")), cfg, t.report)
	return t
}

// Tracer implements trace.TracerProvider. If Options.TracerProvider is set, it returns a tracer of
// that provider. Otherwise it returns a tracer whose spans go to X-Ray. Such a span is a child of
// the span in its context. If the context has no span, as at program start, the new span records
// nothing.
func (t *Provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return t.inUse().Tracer(name, opts...)
}

// inUse returns the provider that creates the spans.
func (t *Provider) inUse() trace.TracerProvider {
	if t.provider != nil && !t.off {
		return t.provider
	}
	return &t.own
}

func (t *Provider) switchedOff(option *bool) bool {
	if option != nil {
		return *option
	}
	if t.envSwitch("POWERTOOLS_TRACE_DISABLED", false) || !t.envSwitch("POWERTOOLS_TRACE_ENABLED", true) {
		return true
	}
	return t.provider == nil && t.envSwitch("AWS_SAM_LOCAL", false)
}

func (t *Provider) envSwitch(name string, unset bool) bool {
	v, ok, err := env.Bool(name)
	if err != nil {
		t.problem(name, "%w", err)
	}
	if !ok {
		return unset
	}
	return v
}

// problem reports an error, once for each key.
func (t *Provider) problem(key, format string, args ...any) {
	t.report.Once(key, fmt.Errorf("tracing: "+format, args...))
}

// configuredHandler returns the name of the handler span from _HANDLER. It returns an empty name
// if _HANDLER is only the name of the program, as usual in Go.
func configuredHandler() string {
	handler := strings.TrimSpace(os.Getenv("_HANDLER"))
	if handler == "" || handler == "bootstrap" {
		return ""
	}
	return spanPrefix + handler
}

// handlerName returns the name of the handler span. A segment has the name of the function, like
// the segments that Lambda sends.
func (t *Provider) handlerName(inv *lambdakit.Invocation) string {
	function := inv.FunctionName()
	switch {
	case t.name != "":
		return t.name
	case t.passThrough:
		return cmp.Or(function, "handler")
	case t.handler != "":
		return t.handler
	case function != "" && function == t.spanName[len(spanPrefix):]:
		return t.spanName
	}
	return spanPrefix + cmp.Or(function, "handler")
}

// namespace returns the default namespace of metadata.
func (t *Provider) namespace() string { return cmp.Or(t.service, "default") }
