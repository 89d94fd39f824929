package modelcheck

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit/idempotency"
)

// endings are the ways in which calls end. A rule about an ending that never happens is not tested.
var endings = []string{
	"ran", "ran and failed", "ran and panicked", "ran and lost the lease", "ran, and the store failed", "ran, and gave up",
	"replayed", "replayed from the cache", "replayed an error", "replayed a lost result",
	"in progress", "another payload", "the store failed", "crashed",
}

// endingOf returns the ending of a call.
func endingOf(w *worker) string {
	saw, err := &w.saw, w.out.err
	var stored *idempotency.StoredError
	var response messages.InvokeResponse_Error
	switch {
	case w.crashed:
		return "crashed"
	case saw.ran && w.out.panicked != nil:
		return "ran and panicked"
	case saw.gaveUp:
		return "ran, and gave up"
	case errors.Is(err, idempotency.ErrLeaseLost):
		return "ran and lost the lease"
	case saw.ran && (saw.complete != nil || saw.deletion != nil):
		return "ran, and the store failed"
	case saw.ran && err != nil:
		return "ran and failed"
	case saw.ran:
		return "ran"
	case err == nil && saw.asked == 0:
		return "replayed from the cache"
	case err == nil:
		return "replayed"
	case errors.As(err, &stored), errors.As(err, &response):
		return "replayed an error"
	case errors.Is(err, idempotency.ErrResultLost):
		return "replayed a lost result"
	case errors.Is(err, idempotency.ErrInProgress):
		return "in progress"
	case errors.Is(err, idempotency.ErrPayloadMismatch):
		return "another payload"
	default:
		return "the store failed"
	}
}

// count counts a call that has ended.
func (h *history) count(w *worker) {
	if h.ended != nil {
		h.ended[endingOf(w)]++
	}
}

// coverage counts how calls ended.
type coverage struct {
	mu    sync.Mutex
	calls map[string]int
}

func (c *coverage) add(calls map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = make(map[string]int)
	}
	for ending, n := range calls {
		c.calls[ending] += n
	}
}

// check fails if an ending never happened.
func (c *coverage) check(t *testing.T) {
	t.Helper()
	t.Logf("calls: %v", c.calls)
	for _, ending := range endings {
		if c.calls[ending] == 0 {
			t.Errorf("got no call that ended as %q, want at least one", ending)
		}
	}
	for ending := range c.calls {
		if !slices.Contains(endings, ending) {
			t.Errorf("got %d calls that ended as %q, which is not one of endings", c.calls[ending], ending)
		}
	}
}
