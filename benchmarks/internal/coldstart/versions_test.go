package coldstart_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
)

// TestVersionsOfTheBenchmarks checks that functions and benchmarks use the same version of a
// library.
func TestVersionsOfTheBenchmarks(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range coldstart.Functions {
		for _, module := range f.Requires {
			path, version, ok := strings.Cut(module, " ")
			if !ok {
				t.Errorf("%s: %q: no version", f.Name, module)
			}
			required := regexp.MustCompile(`(?m)^\s` + regexp.QuoteMeta(path) + ` (\S+)`).FindSubmatch(mod)
			if required != nil && string(required[1]) != version {
				t.Errorf("%s: %s %s, the benchmarks have %s", f.Name, path, version, required[1])
			}
		}
	}
}

// TestEveryFunctionHasAProgram also checks that every program belongs to a function.
func TestEveryFunctionHasAProgram(t *testing.T) {
	t.Parallel()
	programs, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range programs {
		if len(coldstart.Named(p.Name())) != 1 {
			t.Errorf("testdata/%s: not a function", p.Name())
		}
	}
	if len(programs) != len(coldstart.Functions) {
		t.Errorf("%d programs, %d functions", len(programs), len(coldstart.Functions))
	}
}
