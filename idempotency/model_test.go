package idempotency_test

import (
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/internal/modelcheck"
)

// simulate makes the histories of the model repeatable and cheap.
func simulate(g *idempotency.Guard) { g.Simulate(func(time.Duration) time.Duration { return 0 }) }

func TestModelExhaustively(t *testing.T) {
	t.Parallel()
	modelcheck.Exhaustively(t, simulate)
}

func TestModelAtRandom(t *testing.T) {
	t.Parallel()
	modelcheck.AtRandom(t, simulate)
}

func TestModelFindsHoles(t *testing.T) {
	t.Parallel()
	modelcheck.FindsHoles(t, simulate)
}

func TestModelFencesBeyondTheMargin(t *testing.T) {
	t.Parallel()
	modelcheck.FencesBeyondTheMargin(t, simulate)
}

func TestModelStoreIsAStore(t *testing.T) {
	t.Parallel()
	modelcheck.StoreIsAStore(t)
}
