package tracing_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// validate checks the documents that an invocation sent.
func validate(t *testing.T, res *lambdatest.Result) {
	t.Helper()
	for _, s := range res.Segments {
		xraytest.Validate(t, s.JSON)
	}
}
