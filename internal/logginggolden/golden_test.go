package logginggolden

import (
	"testing"
	"testing/synctest"

	"github.com/lambdakit/lambdakit/internal/golden"
)

// TestGolden does what recorded programs did with the official loggers for
// TypeScript and Python, and compares the lines. Where this package differs on
// purpose, a rule of goldenRules says so: it rewrites what is expected or, where
// nothing is left to compare, skips the case.
func TestGolden(t *testing.T) {
	golden.Run(t, "logger.json", named(), func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := newGoldenCase(t, text)
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

// named returns the rules with what golden.Run wants of them.
func named() []golden.Rule {
	all := make([]golden.Rule, len(goldenRules))
	for i, r := range goldenRules {
		all[i] = golden.Rule{ID: r.id, Reason: r.reason}
	}
	return all
}
