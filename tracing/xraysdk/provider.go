package xraysdk

import (
	"context"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/lambdakit/lambdakit/tracing/internal/header"
	"github.com/lambdakit/lambdakit/tracing/internal/record"
)

// Provider is a trace.TracerProvider whose spans are subsegments of the X-Ray SDK. The parent of
// a span is the SDK's subsegment in its context. If the context has no subsegment, the parent is
// Lambda's segment from the trace header in the context. If the context has neither, the span
// records nothing.
//
// The context of a span contains its subsegment, so xray.Capture and other functions of the SDK
// can create subsegments inside the span.
//
// The SDK sends a subsegment together with its children when the outermost one ends, or earlier
// if its streaming strategy decides so. The SDK also sets the end time and the trace:
// trace.WithTimestamp in End and trace.WithNewRoot have no effect.
type Provider struct {
	embedded.TracerProvider
	tracer tracer
}

// NewProvider returns a Provider. It never fails. Like the SDK, it is configured with xray.Configure
// and environment variables.
func NewProvider() *Provider {
	p := new(Provider)
	p.tracer.provider = p
	return p
}

// Tracer implements trace.TracerProvider.
func (p *Provider) Tracer(string, ...trace.TracerOption) trace.Tracer { return &p.tracer }

type tracer struct {
	embedded.Tracer
	provider *Provider
}

// Start implements trace.Tracer.
func (t *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	parent := trace.SpanFromContext(ctx)
	if xray.SdkDisabled() {
		return ctx, record.Unowned(parent)
	}
	if xray.GetSegment(ctx) == nil {
		text, _ := ctx.Value(xray.LambdaTraceHeaderKey).(string)
		switch own, ok := parent.(*span); {
		case ok: // the context has the span but not its subsegment
			ctx = context.WithValue(ctx, xray.ContextKey, own.seg)
		case text != "":
			ctx = withFacade(ctx, text)
		default:
			return ctx, record.Unowned(parent)
		}
	}
	ctx, seg := xray.BeginSubsegment(ctx, name)
	if seg == nil {
		return ctx, record.Unowned(parent)
	}
	cfg := trace.NewSpanStartConfig(opts...)
	sp := newSpan(t.provider, seg, parent.SpanContext(), name, &cfg)
	return trace.ContextWithSpan(ctx, sp), sp
}

func newSpan(p *Provider, seg *xray.Segment, parent trace.SpanContext, name string, cfg *trace.SpanConfig) trace.Span {
	seg.RLock()
	h := header.Parse("Root=" + seg.TraceID + ";Parent=" + seg.ID)
	sampled := seg.Sampled && !seg.Dummy
	seg.RUnlock()
	if !sampled || !h.SpanContext().IsValid() {
		plain := &unrecorded{provider: p, seg: seg}
		plain.Context = parent.WithTraceFlags(0)
		return plain
	}
	sp := &span{provider: p, seg: seg}
	start := cfg.Timestamp()
	seg.Lock()
	if start.IsZero() {
		start = fromSeconds(seg.StartTime)
	} else {
		seg.StartTime = toSeconds(start)
	}
	seg.Unlock()
	sp.Init(h.TraceID, h.Parent, parent, name, cfg.SpanKind(), start)
	sp.AddAttributes(cfg.Attributes())
	for _, l := range cfg.Links() {
		sp.Link(l)
	}
	return sp
}

// span is a span with its subsegment. End copies its data to the subsegment.
type span struct {
	record.Span
	provider *Provider
	seg      *xray.Segment
}

// TracerProvider implements trace.Span.
func (s *span) TracerProvider() trace.TracerProvider { return s.provider }

// unrecorded is a subsegment that is not sent.
type unrecorded struct {
	record.Unrecorded
	provider *Provider
	seg      *xray.Segment
}

// TracerProvider implements trace.Span.
func (s *unrecorded) TracerProvider() trace.TracerProvider { return s.provider }

// End implements trace.Span.
func (s *unrecorded) End(...trace.SpanEndOption) { s.seg.Close(nil) }
