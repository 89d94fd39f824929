//go:build !race

package metrics_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/metrics"
)

// Not parallel: AllocsPerRun counts the allocations of the whole process.
func TestAllocations(t *testing.T) {
	m := metrics.New(&metrics.Options{Namespace: "Shop", Service: "orders", Writer: io.Discard})
	c, d, w := m.Counter("Accepted"), m.Distribution("Size", metrics.Bytes), m.Duration("Wait")
	channel := "web"
	lambdakit.WrapFunc(func(ctx context.Context) {
		for name, record := range map[string]func(){
			"bound":    func() { c.With("channel", channel, "region", "eu").Add(ctx, 1) },
			"plain":    func() { d.Record(ctx, 12.5) }, // and a document every hundred
			"duration": func() { w.With("channel", channel).Record(ctx, time.Second) },
			"timer":    func() { w.Start(ctx).Stop() },
			"by name":  func() { m.Record(ctx, "Size", metrics.Bytes, 1) },
		} {
			for range 300 {
				record()
			}
			if got := testing.AllocsPerRun(1000, record); got != 0 {
				t.Errorf("%s: got %v allocations, want none", name, got)
			}
		}
	}, m.Middleware).Invoke(t.Context(), nil)
	// The scope. Collectors and packers are reused.
	h := lambdakit.WrapFunc(func(ctx context.Context) {
		c.With("channel", channel).Add(ctx, 1)
		d.With("channel", channel).Record(ctx, 1)
	}, m.Middleware)
	bare := lambdakit.WrapFunc(func(context.Context) {})
	ctx := t.Context()
	with := testing.AllocsPerRun(1000, func() { h.Invoke(ctx, nil) })
	without := testing.AllocsPerRun(1000, func() { bare.Invoke(ctx, nil) })
	if with-without > 1 {
		t.Errorf("an invocation with two metrics: got %v more allocations than without, want at most 1", with-without)
	}
}
