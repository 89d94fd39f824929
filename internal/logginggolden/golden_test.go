package logginggolden

import (
	"testing"
	"testing/synctest"

	"github.com/lambdakit/lambdakit/internal/golden"
)

// TestGolden runs programs that were recorded with the official loggers for TypeScript and Python, and
// compares the lines. Each deliberate difference is one of the rules. The rule changes the expected
// lines, or skips the case if nothing can be compared.
func TestGolden(t *testing.T) {
	golden.Run(t, "logger.json", named(), func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := newTestCase(t, text)
		defer func() {
			for id := range c.rules {
				touch(id)
			}
		}()
		c.setenv(t)
		synctest.Test(t, func(t *testing.T) { c.run() })
		if c.skip == "" {
			c.compare(t)
		}
		return c.skip
	})
}

// named returns the ids and reasons of the rules for golden.Run.
func named() []golden.Rule {
	all := make([]golden.Rule, len(rules))
	for i, r := range rules {
		all[i] = golden.Rule{ID: r.id, Reason: r.reason}
	}
	return all
}
