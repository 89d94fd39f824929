//go:build !race && !windows

// On Windows, os.Getenv allocates.

package lambdakit_test

import (
	"context"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/execenv"
)

// An invocation may cost four allocations: one for Wrap, two for decoding and one for encoding.
func TestAllocations(t *testing.T) {
	timer := func(next lambdakit.Handler) lambdakit.Handler {
		n := notifier(func(*lambdakit.Invocation) {})
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnDeadline(n)
			return next(ctx, inv)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	ctx = execenv.NewContext(ctx, &execenv.Environment{Runtime: true})
	event := []byte(`null`)
	for name, mw := range map[string][]lambdakit.Middleware{"bare": nil, "with a timer": {timer}} {
		h := lambdakit.Wrap(func(_ context.Context, in *order) (*order, error) { return in, nil }, mw...)
		got := testing.AllocsPerRun(1000, func() { h.Invoke(ctx, event) })
		if got > 4 { // Wrap: Invocation; decoding: scanner state, In; encoding: response
			t.Errorf("%s: got %v allocations, want at most 4", name, got)
		}
	}
}
