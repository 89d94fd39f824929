//go:build !race

package lambdakit_test

import (
	"context"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/sandbox"
)

// The frame itself may cost three allocations an invocation; decoding null and
// encoding a constant cost one, the response.
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
	ctx = sandbox.NewContext(ctx, &sandbox.Sandbox{Runtime: true})
	event := []byte(`null`)
	for name, mw := range map[string][]lambdakit.Middleware{"bare": nil, "with a timer": {timer}} {
		h := lambdakit.Wrap(func(_ context.Context, in *order) (*order, error) { return in, nil }, mw...)
		got := testing.AllocsPerRun(1000, func() { h.Invoke(ctx, event) })
		if got > 4 { // frame: invocation; decode: scanner state, In; encode: response
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}
