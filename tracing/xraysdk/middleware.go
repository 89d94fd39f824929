package xraysdk

import (
	"context"

	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
)

// Middleware lets the SDK's own instrumentation nest below the span that the context
// carries. It belongs behind the Middleware of a tracing.Provider. Where there is no span, or
// the SDK has a segment already, it does nothing.
func Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if xray.GetSegment(ctx) == nil && trace.SpanContextFromContext(ctx).IsValid() {
			ctx = withFacade(ctx, tracing.Header(ctx))
		}
		return next(ctx, inv)
	}
}

// withFacade adds what the SDK takes for the segment of a function: the parent of all its
// subsegments, which it does not send. text is the header of a call made inside it.
func withFacade(ctx context.Context, text string) context.Context {
	h := header.FromString(text)
	ctx, seg := xray.BeginFacadeSegment(ctx, "facade", h)
	seg.Lock()
	seg.IncomingHeader = h // so that calls downstream keep what Lambda counts recursion by
	seg.Unlock()
	return ctx
}
