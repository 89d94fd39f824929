package logging_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// TestGolden does what recorded programs did with the official loggers for
// TypeScript and Python, and compares the lines. Where this package differs on
// purpose, a rule of goldenRules says so: it rewrites what is expected or, where
// nothing is left to compare, skips the case.
func TestGolden(t *testing.T) {
	dir := cmp.Or(os.Getenv("LAMBDAKIT_GOLDEN"), filepath.Join("testdata", "golden"))
	text, err := os.ReadFile(filepath.Join(dir, "logger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}

	var passed, skipped, failed int
	touched := map[string]int{}
	for _, text := range file.Cases {
		var head struct{ Case string }
		json.Unmarshal(text, &head)
		t.Run(head.Case, func(t *testing.T) {
			c := newGoldenCase(t, text)
			c.setenv(t)
			synctest.Test(t, func(t *testing.T) { c.run() })
			defer func() {
				for id := range c.rules {
					touched[id]++
				}
				switch {
				case t.Failed():
					failed++
				case t.Skipped():
					skipped++
				default:
					passed++
				}
			}()
			if c.skip != "" {
				t.Skipf("rule %s: %s", c.skip, c.why)
			}
			c.compare(t)
		})
	}
	fmt.Printf("golden logger.json: %d passed, %d skipped by rule, %d failed\n", passed, skipped, failed)
	for _, r := range goldenRules {
		t.Logf("rule %-18s %3d cases: %s", r.id, touched[r.id], r.reason)
	}
	if skipped > 0 && os.Getenv("LAMBDAKIT_GOLDEN") == "" {
		t.Errorf("golden logger.json: %d of the project's own cases are skipped; all of them have a counterpart", skipped)
	}
	if failed > 0 || passed == 0 {
		t.Errorf("golden logger.json: %d passed, %d failed", passed, failed)
	}
}
