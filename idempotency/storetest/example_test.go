package storetest_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
)

// The test of your own store calls Run.
func ExampleRun() {
	TestStore := func(t *testing.T) {
		storetest.Run(t, idempotency.NewMemoryStore(nil), nil)
	}
	_ = TestStore
}
