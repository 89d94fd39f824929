package gobench

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/benchmarks/internal/gotool"
)

// Binary is a package's tests and benchmarks, compiled.
type Binary struct {
	path string
	dir  string // that of the package, as with go test
}

// Compile compiles those of pkg, an import path or "./folder", as seen from the module in
// moduleDir, to path.
func Compile(ctx context.Context, moduleDir, pkg, path string) (*Binary, error) {
	dir, err := gotool.Run(ctx, moduleDir, nil, "list", "-f", "{{.Dir}}", pkg)
	if err != nil {
		return nil, fmt.Errorf("gobench: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("gobench: %w", err)
	}
	if _, err := gotool.Run(ctx, moduleDir, nil, "test", "-c", "-o", path, pkg); err != nil {
		return nil, fmt.Errorf("gobench: %w", err)
	}
	return &Binary{path: path, dir: dir}, nil
}

// Run runs the benchmarks of these names, which have the first part in common, twice in a
// row for about so long each. The second time counts: what a process has to do once, and
// caches that are cold, would be the first benchmark's alone.
func (b *Binary) Run(ctx context.Context, names []string, each time.Duration) ([]Result, error) {
	procs := runtime.GOMAXPROCS(0)
	cmd := exec.CommandContext(ctx, b.path, "-test.run=^$", "-test.bench="+Pattern(names),
		"-test.benchtime="+each.String(), "-test.count=2", fmt.Sprintf("-test.cpu=%d", procs))
	cmd.Dir = b.dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("gobench: %s: %w\n%s%s", names[0], err, out, stderr.Bytes())
	}
	results, err := Parse(bytes.NewReader(out), procs)
	return lasts(results), err
}

// lasts returns the last result of each name.
func lasts(results []Result) []Result {
	var last []Result
	for _, r := range results {
		if i := slices.IndexFunc(last, func(l Result) bool { return l.Name == r.Name }); i >= 0 {
			last[i] = r
		} else {
			last = append(last, r)
		}
	}
	return last
}

// Pattern returns the one of -bench for benchmarks that have the first part in common.
// Only the second part is looked at otherwise: benchmarks whose names have more share
// their parents.
func Pattern(names []string) string {
	var subs []string
	top := ""
	for _, name := range names {
		var sub string
		top, sub, _ = strings.Cut(name, "/")
		sub, _, _ = strings.Cut(sub, "/")
		if sub = regexp.QuoteMeta(sub); sub != "" && !slices.Contains(subs, sub) {
			subs = append(subs, sub)
		}
	}
	pattern := "^Benchmark" + regexp.QuoteMeta(top) + "$"
	if len(subs) > 0 {
		pattern += "/^(" + strings.Join(subs, "|") + ")$"
	}
	return pattern
}
