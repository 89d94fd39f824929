// Package gobench runs benchmarks of Go packages and reads their results.
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

// Binary is a compiled test binary of a package.
type Binary struct {
	path string
	dir  string // folder of the package: the working directory, as with go test
}

// Compile compiles the tests and benchmarks of pkg to path. pkg is an import path or "./folder",
// relative to moduleDir.
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

// Run runs the benchmarks with these names, which share their first part. It runs each twice in
// a row, about as long as each says, and returns the second result. The first run also pays for
// cold caches and for work that a process does only once.
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

// Pattern returns the value of -bench for benchmarks whose names share their first part. Apart
// from that it uses only the second part: a benchmark with more parts runs with all others that
// share the first two.
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
