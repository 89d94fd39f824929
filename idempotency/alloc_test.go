//go:build !race

package idempotency_test

import (
	"encoding/json"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency"
)

// TestKeysAllocateTheirTextAlone counts one more allocation, for the event's way into an any.
func TestKeysAllocateTheirTextAlone(t *testing.T) {
	event := json.RawMessage(`{"b":{"id":"o-1","n":1.5},"a":[1,"é"]}`)
	for name, o := range map[string]idempotency.Options{"whole event": {}, "path": {Key: idempotency.Path("b.id")}} {
		once := newOnce(t, nil, o)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := once.Key(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}); n > 2 {
			t.Errorf("%s: got %v allocations, want at most 2", name, n)
		}
	}
}
