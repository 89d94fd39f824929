package tracing_test

import (
	"encoding/json"
	"testing"

	"github.com/lambdakit/lambdakit/lambdatest"
)

// validate checks the documents that an invocation sent.
func validate(t *testing.T, res *lambdatest.Result) {
	t.Helper()
	for _, s := range res.Segments {
		if text, err := json.Marshal(s.Document); err != nil {
			t.Errorf("%v: %s", err, text)
		}
	}
}
