package metrics_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/metrics"
)

// The context of an earlier invocation gives nothing to the one that runs now.
func TestAdd_WithTheContextOfAnEarlierInvocation(t *testing.T) {
	var b bytes.Buffer
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Writer: &b})
	var earlier context.Context
	lambdakit.WrapFunc(func(ctx context.Context) { earlier = ctx }).Invoke(t.Context(), []byte(`{}`))
	lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddMetadata(earlier, "order", "an earlier one")
		metrics.AddMetadata(ctx, "tenant", "this one")
		meter.Counter("Orders").Add(ctx, 1)
	}, meter.Middleware).Invoke(t.Context(), []byte(`{}`))
	if got := b.String(); strings.Contains(got, "an earlier one") || !strings.Contains(got, "this one") {
		t.Errorf("got %s, want the metadata of this invocation", got)
	}
}
