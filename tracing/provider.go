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
	"github.com/lambdakit/lambdakit/tracing/internal/export"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// Provider traces invocations with its [Provider.Middleware]. It is also a trace.TracerProvider
// that libraries such as otelhttp accept. Create it with [New]. It is safe for concurrent use.
type Provider struct {
	embedded.TracerProvider

	service          string
	nameOption       string               // Options.Name: of the handler span
	nameFromHandler  string               // name of the handler span from _HANDLER; empty: none
	nameFromFunction string               // name of the handler span from the name of the function
	foreign          trace.TracerProvider // the user's; nil: this package creates the spans
	pipeline         export.Pipeline      // of Options.Exporter; nil: spans go to the X-Ray daemon
	parents          export.Parents       // where the parent comes from; nil: from Lambda
	sampled          bool                 // the sampler of the pipeline decides, not X-Ray
	own              ownProvider
	flushTimeout     time.Duration
	disabled         bool // switched off
	outsideLambda    bool // spans are recorded only by a test harness
	passThrough      bool
	capture          bool
	maxResponseBytes int
	traceParent      bool
	daemon           *xray.Daemon
	report           *report.Reporter
	now              func() time.Time
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
	p := &Provider{
		service:          cmp.Or(o.Service, env.Text("POWERTOOLS_SERVICE_NAME")),
		nameOption:       o.Name,
		nameFromHandler:  configuredHandler(),
		nameFromFunction: spanPrefix + execenv.Process.FunctionName,
		foreign:          o.TracerProvider,
		flushTimeout:     cmp.Or(o.FlushTimeout, defaultFlush),
		outsideLambda:    !execenv.IsFunction(),
		passThrough:      o.PassThrough,
		maxResponseBytes: cmp.Or(o.MaxResponseBytes, defaultMaxResponse),
		traceParent:      o.TraceParent,
		report:           report.New(o.OnError),
		now:              time.Now,
	}
	p.own.provider = p
	p.disabled = p.switchedOff(o)
	if p.disabled {
		return p
	}
	if p.maxResponseBytes < 0 {
		p.problem("size", "MaxResponseBytes %d is negative; using %d", p.maxResponseBytes, defaultMaxResponse)
		p.maxResponseBytes = defaultMaxResponse
	}
	if o.CaptureResponse != nil {
		p.capture = *o.CaptureResponse
	} else {
		p.capture = p.envSwitch("POWERTOOLS_TRACER_CAPTURE_RESPONSE", false)
	}
	cfg := xray.Config{Indexed: o.Annotations, Links: o.SpanLinks}
	if o.Exporter != nil || o.TracerProvider != nil {
		p.open(o)
	}
	p.daemon = xray.NewDaemon(cmp.Or(o.DaemonAddress, os.Getenv("AWS_XRAY_DAEMON_ADDRESS")), cfg, p.report)
	return p
}

// Tracer implements trace.TracerProvider. If Options.TracerProvider is set, it returns a tracer of
// that provider. Otherwise it returns a tracer whose spans go to X-Ray. Such a span is a child of
// the span in its context. If the context has no span, as at program start, the new span records
// nothing.
func (p *Provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return p.inUse().Tracer(name, opts...)
}

// inUse returns the provider that creates the spans.
func (p *Provider) inUse() trace.TracerProvider {
	if p.foreign != nil && !p.disabled {
		return p.foreign
	}
	return &p.own
}

func (p *Provider) switchedOff(o *Options) bool {
	if o.Disabled != nil {
		return *o.Disabled
	}
	if p.envSwitch("POWERTOOLS_TRACE_DISABLED", false) || !p.envSwitch("POWERTOOLS_TRACE_ENABLED", true) {
		return true
	}
	return p.foreign == nil && o.Exporter == nil && p.envSwitch("AWS_SAM_LOCAL", false)
}

func (p *Provider) envSwitch(name string, unset bool) bool {
	v, ok, err := env.Bool(name)
	if err != nil {
		p.problem(name, "%w", err)
	}
	if !ok {
		return unset
	}
	return v
}

// problem reports an error, once for each key.
func (p *Provider) problem(key, format string, args ...any) {
	p.report.Once(key, fmt.Errorf("tracing: "+format, args...))
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
func (p *Provider) handlerName(inv *lambdakit.Invocation) string {
	function := inv.FunctionName()
	switch {
	case p.nameOption != "":
		return p.nameOption
	case p.passThrough || p.pipeline != nil:
		return cmp.Or(function, "handler")
	case p.nameFromHandler != "":
		return p.nameFromHandler
	case function != "" && function == p.nameFromFunction[len(spanPrefix):]:
		return p.nameFromFunction
	}
	return spanPrefix + cmp.Or(function, "handler")
}

// namespace returns the default namespace of metadata.
func (p *Provider) namespace() string { return cmp.Or(p.service, "default") }
