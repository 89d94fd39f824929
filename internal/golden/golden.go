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

// Rule is a deliberate difference from the recorded library.
type Rule struct{ ID, Reason string }

// Run runs the cases of a file in the folder LAMBDAKIT_GOLDEN or, if it is unset, in
// testdata/golden. It prints how many cases passed, were skipped and failed.
//
// do runs one case. It calls touch with the id of each rule that it applies. It returns "" if it
// compared the case. If a rule leaves nothing to compare, do returns the rule's id, and the case is
// skipped. Run fails the test if no rule has the id, or if any case of testdata/golden is skipped.
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
		var head struct{ Case, Name string }
		json.Unmarshal(text, &head)
		t.Run(cmp.Or(head.Case, head.Name), func(t *testing.T) {
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
				t.Errorf("got a skip by %q, want the id of a rule", skip)
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
		t.Errorf("got ids %v, want only ids of rules", touched)
	}
	if skipped > 0 && own {
		t.Errorf("golden %s: got %d skipped cases, want none of testdata/golden", file, skipped)
	}
	if failed > 0 || passed == 0 {
		t.Errorf("golden %s: got %d passed, %d failed, want all passed", file, passed, failed)
	}
}

// Setenv sets the environment variables that lambdakit reads to the values of a case, until the
// end of t. Variables that the case does not name become empty.
func Setenv(t *testing.T, env map[string]string) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_") || slices.Contains(otherVariables, name) {
			t.Setenv(name, "")
		}
	}
	for name, v := range env {
		t.Setenv(name, v)
	}
}

var otherVariables = []string{"_HANDLER", "_X_AMZN_TRACE_ID", "LOG_LEVEL", "TZ"}
