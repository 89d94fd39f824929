package tracing

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// xrayProvider is a trace.TracerProvider, and the only Tracer that it has: the documents say
// nothing of instrumentation scopes.
type xrayProvider struct {
	embedded.TracerProvider
	tracer
}

// Tracer implements trace.TracerProvider.
func (p *xrayProvider) Tracer(string, ...trace.TracerOption) trace.Tracer { return &p.tracer }

type tracer struct {
	embedded.Tracer
	t *Provider
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
		return parent.scope.startBelow(ctx, parent.SpanContext(), name, opts)
	default:
		return tr.t.adopt(ctx, parent, name, opts)
	}
}

// adopt starts a span below one of somebody else: another provider's, or one that a
// message came with. The function has no segment in that trace, so this becomes one.
func (t *Provider) adopt(ctx context.Context, parent trace.Span, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	sc, s := parent.SpanContext(), scopeOf(ctx)
	if !sc.IsValid() || s == nil || s.tracer != t {
		return ctx, parent // no trace, or outside an invocation
	}
	if !sc.IsSampled() || !s.on {
		plain := &unrecorded{scope: s}
		plain.Context = sc.WithTraceFlags(0)
		return trace.ContextWithSpan(ctx, plain), plain
	}
	return s.startBelow(ctx, sc, name, opts)
}

func (s *scope) startBelow(ctx context.Context, parent trace.SpanContext, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	cfg := trace.NewSpanStartConfig(opts...)
	if cfg.NewRoot() {
		parent = trace.SpanContext{}
	}
	return s.start(ctx, parent, name, &cfg)
}

// start starts a span that is recorded. Without a parent it is the root of a new trace.
func (s *scope) start(ctx context.Context, parent trace.SpanContext, name string, cfg *trace.SpanConfig) (context.Context, trace.Span) {
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
		id = newTraceID(s.tracer)
	}
	start := cfg.Timestamp()
	if start.IsZero() {
		start = s.tracer.now()
	}
	sp.Init(id, newSpanID(), parent, name, cfg.SpanKind(), start)
	if root || id != s.header.TraceID && parent.IsRemote() {
		sp.Data.Segment = true
		sp.Data.Function = s.function()
		sp.Data.Resource = resource(s.inv)
	}
	sp.AddAttributes(cfg.Attributes())
	for _, l := range cfg.Links() {
		sp.Link(l)
	}
	s.opened(sp)
	return trace.ContextWithSpan(ctx, sp), sp
}

// newTraceID makes an id in X-Ray's shape: the seconds since 1970, and 12 random bytes.
func newTraceID(t *Provider) (id trace.TraceID) {
	binary.BigEndian.PutUint32(id[:], uint32(t.now().Unix()))
	binary.BigEndian.PutUint64(id[4:], rand.Uint64())
	binary.BigEndian.PutUint32(id[12:], rand.Uint32())
	return id
}

func newSpanID() (id trace.SpanID) {
	for !id.IsValid() {
		binary.BigEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}
