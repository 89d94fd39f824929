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
// relative to moduleDir. The binary has no debugging information, which takes long to link.
func Compile(ctx context.Context, moduleDir, pkg, path string) (*Binary, error) {
	dir, err := gotool.Run(ctx, moduleDir, nil, "list", "-f", "{{.Dir}}", pkg)
	if err != nil {
		return nil, fmt.Errorf("gobench: %w", err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("gobench: %w", err)
	}
	if _, err := gotool.Run(ctx, moduleDir, nil, "test", "-c", "-ldflags=-w", "-o", path, pkg); err != nil {
		return nil, fmt.Errorf("gobench: %w", err)
	}
	return &Binary{path: path, dir: dir}, nil
}

// Run runs the benchmarks with these names, which share their first part. It runs each twice in
// a row, about as long as each says, and returns the second result. The first run also pays for
// cold caches and for work that a process does only once.
func (b *Binary) Run(ctx context.Context, names []string, each time.Duration) ([]Result, error) {
	results, err := output(b.command(ctx, names, each.String(), 2))
	return lasts(results), err
}

// RunOperations runs the benchmark with this name once, for a number of operations.
func (b *Binary) RunOperations(ctx context.Context, name string, operations int) (Result, error) {
	results, err := output(b.Command(ctx, name, operations))
	if err != nil {
		return Result{}, err
	}
	for _, r := range results {
		if r.Name == name {
			return r, nil
		}
	}
	return Result{}, fmt.Errorf("gobench: no benchmark %s", name)
}

func output(cmd *exec.Cmd) ([]Result, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("gobench: %s: %w\n%s%s", cmd, err, out, stderr.Bytes())
	}
	return Parse(bytes.NewReader(out), runtime.GOMAXPROCS(0))
}

// Command returns a command that runs the benchmark with this name for a number of operations.
func (b *Binary) Command(ctx context.Context, name string, operations int) *exec.Cmd {
	return b.command(ctx, []string{name}, fmt.Sprintf("%dx", operations), 1)
}

func (b *Binary) command(ctx context.Context, names []string, benchtime string, count int) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.path, "-test.run=^$", "-test.bench="+Pattern(names), "-test.benchtime="+benchtime,
		fmt.Sprintf("-test.count=%d", count), fmt.Sprintf("-test.cpu=%d", runtime.GOMAXPROCS(0)))
	cmd.Dir = b.dir
	return cmd
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
