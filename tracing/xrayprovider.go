package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// ownProvider is the trace.TracerProvider of the spans of this package. For the X-Ray daemon it has
// one tracer, since segment documents do not contain instrumentation scopes.
type ownProvider struct {
	embedded.TracerProvider
	tracer
}

// Tracer implements trace.TracerProvider.
func (p *ownProvider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	if p.provider.pipeline == nil || name == instrumentation {
		return &p.tracer
	}
	return &tracer{provider: p.provider, library: p.provider.pipeline.Scope(name, opts)}
}

type tracer struct {
	embedded.Tracer
	provider *Provider
	library  *xray.Scope // nil: this package
}

// Start implements trace.Tracer.
func (tr *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	switch parent := trace.SpanFromContext(ctx).(type) {
	case *unrecorded:
		return ctx, parent
	case *span:
		return parent.scope.startBelow(ctx, parent.SpanContext(), tr.library, name, opts)
	default:
		return tr.adopt(ctx, parent, name, opts)
	}
}

// adopt starts a child of a span that this provider did not create, such as the sender of a
// message. The function has no segment in the sender's trace, so the child becomes a segment.
func (tr *tracer) adopt(ctx context.Context, parent trace.Span, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	sc, s := parent.SpanContext(), scopeOf(ctx)
	if !sc.IsValid() || s == nil || s.provider != tr.provider {
		return ctx, record.Unowned(parent) // no trace, outside an invocation, or an invocation of another Provider
	}
	if !sc.IsSampled() || !s.recording {
		u := &unrecorded{scope: s}
		u.Context = sc.WithTraceFlags(0)
		return trace.ContextWithSpan(ctx, u), u
	}
	return s.startBelow(ctx, sc, tr.library, name, opts)
}

func (s *scope) startBelow(ctx context.Context, parent trace.SpanContext, library *xray.Scope, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	var cfg trace.SpanConfig
	if len(opts) > 0 {
		if cfg = trace.NewSpanStartConfig(opts...); cfg.NewRoot() {
			parent = trace.SpanContext{}
		}
	}
	return s.start(ctx, parent, library, name, &cfg)
}

// start starts a recorded span of a library. A span without a parent is the root of a new trace.
func (s *scope) start(ctx context.Context, parent trace.SpanContext, library *xray.Scope, name string, cfg *trace.SpanConfig) (context.Context, trace.Span) {
	if !s.reserve() {
		out := &leftOut{scope: s}
		out.Context = parent
		return trace.ContextWithSpan(ctx, out), out
	}
	sp := &span{scope: s}
	sp.Budget = &s.budget
	root := !parent.IsValid()
	id := parent.TraceID()
	if root {
		id = traceheader.NewTraceID(s.provider.now())
	}
	start := cfg.Timestamp()
	if start.IsZero() {
		start = s.provider.now()
	}
	sp.Init(id, traceheader.NewSpanID(), parent, name, cfg.SpanKind(), start)
	if root || id != s.header.TraceID && parent.IsRemote() {
		sp.Data.Segment = true
		sp.Data.Function = s.function()
		sp.Data.Resource = resource(s.inv)
	}
	sp.Data.Scope = library
	sp.AddAttributes(cfg.Attributes())
	for _, l := range cfg.Links() {
		sp.Link(l)
	}
	s.opened(sp)
	return trace.ContextWithSpan(ctx, sp), sp
}
