package tracing_test

import (
	"context"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
)

func TestPropagate_TheSpanOfTheContext(t *testing.T) {
	t.Parallel()
	tracer := tracing.New(nil)
	var span, got string
	var p lambdakit.Propagation
	lambdatest.Run(t, lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		return struct{}{}, tracing.Run(ctx, "publish", func(ctx context.Context) error {
			span, p = tracing.TraceParent(ctx), lambdakit.PropagationFromContext(ctx)
			got = tracing.Header(ctx)
			return nil
		})
	}, tracer.Middleware), struct{}{})
	if p.TraceParent != span || span == "" {
		t.Errorf("got the traceparent %q, want %q", p.TraceParent, span)
	}
	if p.TraceHeader != got || !strings.Contains(got, "Parent="+strings.Split(span, "-")[2]) {
		t.Errorf("got the trace header %q, want %q with the span", p.TraceHeader, got)
	}
}
