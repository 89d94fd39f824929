//go:build !race

package canon_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
)

func TestAllocations(t *testing.T) {
	event := []byte(`{"version":"2.0","requestContext":{"http":{"method":"POST","path":"/orders"},"accountId":"123456789012"},"headers":{"x-b":"é","x-a":"\n"},"n":[1.5,2e9,-3]}`)
	dst := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { dst, _ = canon.Append(dst[:0], event) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
