package otlp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing/internal/export"
	"github.com/lambdakit/lambdakit/tracing/internal/otlp"
	"github.com/lambdakit/lambdakit/tracing/internal/xray"
)

// maxHeld is how many bytes of encoded spans wait for the backend. Later spans are dropped.
const maxHeld = 4 << 20

// maxPooled is how many bytes of an empty buffer are kept for the next spans.
const maxPooled = 64 << 10

// pipeline implements export.Pipeline.
type pipeline struct {
	settings
	sampler export.Sampler
	parents export.Parents
	sender  *sender
	encoder otlp.Encoder
	xray    bool

	mu      sync.Mutex
	groups  []group
	held    int // bytes of spans in groups and in requests that are under way
	dropped int // spans since the last report
	breaker breaker

	atEnd   sync.Once     // registers the flush at the end of the execution environment
	sending chan struct{} // has one element while a flush sends
	stuck   atomic.Bool   // the flush that sends was left behind
}

// group is the spans of an instrumentation scope that wait.
type group struct {
	otlp.Group
	of *xray.Scope
}

func newPipeline(o *Options, c *export.Config, s *settings) *pipeline {
	p := &pipeline{settings: *s, sampler: c.Sampler, sending: make(chan struct{}, 1)}
	if p.sampler == nil {
		var err error
		if p.sampler, err = export.SamplerFromEnvironment(); err != nil {
			p.problem("sampler", "%w", err)
		}
	}
	p.sender = newSender(o, c.Service, s)
	p.xray = isXRay(p.sender.url.Hostname())
	otherwise := export.ParentTraceContext
	if p.xray {
		otherwise = export.ParentLambda
	}
	p.parents = export.ParentsOf(c.Parent, otherwise, s.report)
	p.encoder = otlp.Encoder{Limits: s.limits(), Namespace: c.Namespace, Annotated: p.xray, Indexed: c.Indexed}
	return p
}

// XRay implements export.Pipeline.
func (p *pipeline) XRay() bool { return p.xray }

// Parents implements export.Pipeline.
func (p *pipeline) Parents() export.Parents { return p.parents }

// Add implements export.Pipeline.
func (p *pipeline) Add(sc trace.SpanContext, s *xray.Span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.group(s.Scope)
	before := len(g.Spans)
	g.Spans = p.encoder.AppendSpan(g.Spans, sc, s)
	n := len(g.Spans) - before
	if p.held+n > maxHeld {
		g.Spans = g.Spans[:before]
		p.dropped++
		return
	}
	p.held += n
}

// ownScope is the instrumentation scope of package tracing.
var ownScope = sync.OnceValue(func() *xray.Scope {
	return &xray.Scope{Name: export.Instrumentation, Version: version}
})

// group returns the group of a scope. The caller holds p.mu.
func (p *pipeline) group(s *xray.Scope) *group {
	if s == nil {
		s = ownScope()
	}
	for i := range p.groups {
		if g := &p.groups[i]; g.of == s || same(g.of, s) {
			return g
		}
	}
	p.groups = append(p.groups, group{otlp.NewGroup(s), s})
	return &p.groups[len(p.groups)-1]
}

func same(a, b *xray.Scope) bool {
	return a.Name == b.Name && a.Version == b.Version && a.SchemaURL == b.SchemaURL && a.Attributes.Equivalent() == b.Attributes.Equivalent()
}

// take removes the spans that wait, and how many were dropped.
func (p *pipeline) take() (groups []group, dropped int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	groups, dropped = p.groups, p.dropped
	p.groups, p.dropped = nil, 0
	return groups, dropped
}

// putBack adds spans of take again, before those that came meanwhile.
func (p *pipeline) putBack(groups []group) {
	p.atEnd.Do(func() {
		lambdakit.OnShutdown(func(ctx context.Context) { p.Flush(ctx, true) })
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	later := p.groups
	p.groups = groups
	for _, g := range later {
		to := p.group(g.of)
		to.Spans = append(to.Spans, g.Spans...)
	}
}

// sent gives back the room of spans that were sent or lost, and their buffers.
func (p *pipeline) sent(bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held -= bytes
}

// reuse keeps the empty buffers of groups, unless new spans have come.
func (p *pipeline) reuse(groups []group) {
	total := 0
	for i := range groups {
		total += cap(groups[i].Spans)
		groups[i].Spans = groups[i].Spans[:0]
	}
	if total > maxPooled || len(groups) > 16 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.groups == nil {
		p.groups = groups
	}
}

// breaker keeps a backend that fails from costing time in every invocation.
type breaker struct {
	failures int
	retryAt  time.Time // wall clock; the zero time while the backend works
	told     bool      // a report says that spans wait
}

const (
	firstPause = 5 * time.Second
	maxPause   = time.Minute
	maxAsked   = 5 * time.Minute // pause that a backend may ask for
)

// open reports whether nothing is to be sent now.
func (b *breaker) open(now time.Time) bool {
	left := b.retryAt.Sub(now)
	return !b.retryAt.IsZero() && left > 0 && left <= maxAsked // more is left if the clock was set back
}

// fail opens the breaker for at least the pause that the backend asked for, and returns the pause.
func (b *breaker) fail(now time.Time, asked time.Duration) time.Duration {
	pause := min(firstPause<<min(b.failures, 10), maxPause)
	pause = max(pause, min(asked, maxAsked))
	b.failures++
	b.retryAt = now.Add(pause)
	return pause
}
