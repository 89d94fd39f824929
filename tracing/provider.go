package tracing

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
)

// provider is a trace.TracerProvider, and the only Tracer that it has: the documents say
// nothing of instrumentation scopes.
type provider struct {
	embedded.TracerProvider
	tracer
}

// Tracer implements trace.TracerProvider.
func (p *provider) Tracer(string, ...trace.TracerOption) trace.Tracer { return &p.tracer }

type tracer struct {
	embedded.Tracer
	t *Tracer
}

// Start implements trace.Tracer.
func (tr *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	parent := trace.SpanFromContext(ctx)
	if own, ok := parent.(*span); ok {
		if !own.recording {
			return ctx, own // and no options to look at
		}
		cfg := trace.NewSpanStartConfig(opts...)
		if cfg.NewRoot() {
			return own.scope.start(ctx, trace.SpanContext{}, name, &cfg)
		}
		return own.scope.start(ctx, own.sc, name, &cfg)
	}
	sc := parent.SpanContext()
	if !sc.IsValid() || tr.t.off {
		return ctx, parent
	}
	return tr.t.adopt(ctx, sc, name, opts)
}

// adopt starts a span below one of somebody else: another provider's, or one that a
// message came with. The function has no segment in that trace, so this becomes one.
func (t *Tracer) adopt(ctx context.Context, sc trace.SpanContext, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	s := scopeOf(ctx)
	if s == nil || s.tracer != t {
		return ctx, trace.SpanFromContext(ctx) // outside an invocation
	}
	if !sc.IsSampled() || !s.on {
		own := &span{scope: s, sc: sc}
		return trace.ContextWithSpan(ctx, own), own
	}
	cfg := trace.NewSpanStartConfig(opts...)
	if cfg.NewRoot() {
		sc = trace.SpanContext{}
	}
	return s.start(ctx, sc, name, &cfg)
}

// start starts a span that is recorded. Without a parent it is the root of a new trace.
func (s *scope) start(ctx context.Context, parent trace.SpanContext, name string, cfg *trace.SpanConfig) (context.Context, trace.Span) {
	sp := &span{scope: s, recording: true}
	root := !parent.IsValid()
	traceID := parent.TraceID()
	if root {
		traceID = newTraceID(s.tracer)
	}
	sp.init(traceID, newSpanID(), parent.SpanID(), parent.TraceState(), name)
	sp.data.Kind = trace.ValidateSpanKind(cfg.SpanKind())
	sp.data.Start = cfg.Timestamp()
	if sp.data.Start.IsZero() {
		sp.data.Start = s.tracer.now()
	}
	if root || traceID != s.header.TraceID && parent.IsRemote() {
		sp.data.Segment = true
		sp.data.Function = s.function()
		sp.data.Resource = resource(s.inv)
	}
	sp.addAttributes(cfg.Attributes())
	for _, l := range cfg.Links() {
		sp.addLink(l)
	}
	s.opened(sp)
	return trace.ContextWithSpan(ctx, sp), sp
}

// newTraceID makes an id in X-Ray's shape: the seconds since 1970, and 12 random bytes.
func newTraceID(t *Tracer) (id trace.TraceID) {
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
