package tracing

import (
	"context"

	"github.com/lambdakit/lambdakit/tracing/internal/export"
)

// Exporter sends spans to a backend. Package otlp makes one. Other packages cannot implement it.
type Exporter interface{ export.Exporter }

// open prepares a destination other than the X-Ray daemon.
func (p *Provider) open(o *Options) {
	if p.foreign != nil {
		usersProvider.Store(&p.foreign)
		p.parents = export.ParentsOf(export.Parent(o.Parent), export.ParentTraceContext, p.report)
		return
	}
	p.pipeline = o.Exporter.Open(&export.Config{
		Service:   o.Service,
		Namespace: p.namespace(),
		Indexed:   o.Annotations,
		Sampler:   o.Sampler,
		Parent:    export.Parent(o.Parent),
		Report:    p.report,
	})
	if p.pipeline == nil {
		p.disabled = true
		return
	}
	p.parents = p.pipeline.Parents()
	p.sampled = !p.pipeline.XRay() || !p.belowLambda()
}

// flusher is a destination that holds spans.
type flusher interface {
	ForceFlush(context.Context) error
}

// ForceFlush sends spans that have ended to the destination of Options.Exporter or
// Options.TracerProvider, and waits for the answer until ctx is done. The Middleware does this after
// each invocation. Spans that wait, because the destination of Options.Exporter failed, are also sent by
// lambdakit.Shutdown.
//
// With the X-Ray daemon, ForceFlush does nothing, since no spans wait.
func (p *Provider) ForceFlush(ctx context.Context) error {
	if p.disabled {
		return nil
	}
	if p.pipeline != nil {
		return p.pipeline.Flush(ctx, true)
	}
	if f, ok := p.foreign.(flusher); ok {
		return f.ForceFlush(ctx)
	}
	return nil
}
