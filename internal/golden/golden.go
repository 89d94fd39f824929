// Package golden runs recorded cases of other libraries in tests.
package golden

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Rule is a deliberate difference to the recorded library.
type Rule struct{ ID, Reason string }

// Run runs the cases of a file in the folder LAMBDAKIT_GOLDEN, else in testdata/golden. do
// plays one: it tells touch which rules it applied, and returns the id of the rule by which
// nothing is left to compare, empty where it compared. It prints how many passed, were
// skipped and failed. A skip for which no rule gives the reason is a failure, and so is any
// skip in the project's own file.
func Run(t *testing.T, file string, rules []Rule, do func(t *testing.T, text []byte, touch func(rule string)) (skip string)) {
	own := os.Getenv("LAMBDAKIT_GOLDEN") == ""
	text, err := os.ReadFile(filepath.Join(cmp.Or(os.Getenv("LAMBDAKIT_GOLDEN"), filepath.Join("testdata", "golden")), file))
	if err != nil {
		t.Fatal(err)
	}
	var cases struct{ Cases []json.RawMessage }
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	reasons := make(map[string]string, len(rules))
	for _, r := range rules {
		reasons[r.ID] = r.Reason
	}
	touched := make(map[string]int)
	var passed, skipped, failed int
	for _, text := range cases.Cases {
		var head struct{ Case string }
		json.Unmarshal(text, &head)
		t.Run(head.Case, func(t *testing.T) {
			once := make(map[string]bool)
			defer func() {
				for rule := range once {
					touched[rule]++
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
			skip := do(t, text, func(rule string) { once[rule] = true })
			switch reason, known := reasons[skip]; {
			case skip == "":
			case !known:
				t.Errorf("skipped by %q, which is no rule", skip)
			case !t.Failed():
				t.Skipf("rule %s: %s", skip, reason)
			}
		})
	}
	fmt.Printf("golden %s: %d passed, %d skipped by rule, %d failed\n", file, passed, skipped, failed)
	for _, r := range rules {
		t.Logf("rule %-18s %3d cases: %s", r.ID, touched[r.ID], r.Reason)
		delete(touched, r.ID)
	}
	if len(touched) > 0 {
		t.Errorf("rules without a reason: %v", touched)
	}
	if skipped > 0 && own {
		t.Errorf("golden %s: %d of the project's own cases are skipped; all of them have a counterpart", file, skipped)
	}
	if failed > 0 || passed == 0 {
		t.Errorf("golden %s: %d passed, %d failed", file, passed, failed)
	}
}

// Setenv makes the environment of t, as far as the toolkit looks at it, that of a case alone.
func Setenv(t *testing.T, env map[string]string) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_") || slices.Contains(others, name) {
			t.Setenv(name, "")
		}
	}
	for name, v := range env {
		t.Setenv(name, v)
	}
}

var others = []string{"_HANDLER", "_X_AMZN_TRACE_ID", "LOG_LEVEL", "TZ"}
