package xraysdk

import (
	"context"

	"github.com/aws/aws-xray-sdk-go/v2/header"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
)

// Middleware makes subsegments of the SDK children of the span in the context. Pass it to
// lambdakit.Wrap after the Middleware of a tracing.Provider. It does nothing if the context has no
// span or already has a segment of the SDK.
func Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if xray.GetSegment(ctx) == nil && trace.SpanContextFromContext(ctx).IsValid() {
			ctx = withFacade(ctx, tracing.Header(ctx))
		}
		return next(ctx, inv)
	}
}

// withFacade adds a facade segment to ctx. The SDK uses it as the parent of subsegments and does not
// send it. text is the trace header that names the parent.
func withFacade(ctx context.Context, text string) context.Context {
	h := header.FromString(text)
	ctx, seg := xray.BeginFacadeSegment(ctx, "facade", h)
	seg.Lock()
	seg.IncomingHeader = h // so that downstream calls keep the Lineage field, which Lambda uses to detect loops
	seg.Unlock()
	return ctx
}
