package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

// powertools is the package to compare with, and its version.
const powertools = "@aws-lambda-powertools/metrics@2.36.0"

var nodeLine = regexp.MustCompile(`(?m)^powertools (\d+) ns/document$`)

// nodePeer is the benchmark to compare with: it also writes a document with a system call.
const nodePeer = "metrics/DocumentFile/lambdakit-invocation"

// nodeResult is the result of a measurement on Node.
type nodeResult struct {
	ns      float64 // for one document, written to /dev/null
	version string  // of Node
}

func (r nodeResult) compared(ours float64) string {
	return fmt.Sprintf("Optional: a metrics document written to /dev/null takes %s with %s on Node %s. With lambdakit it takes %s, including its invocation.\n",
		nanoseconds.format(r.ns), powertools, strings.TrimPrefix(r.version, "v"), nanoseconds.format(ours))
}

// nodeDocument measures a document with Powertools for TypeScript.
func nodeDocument(ctx context.Context, root, tmp string) (nodeResult, error) {
	script, err := os.ReadFile(filepath.Join(root, "benchmarks", "metrics", "testdata", "powertools.mjs"))
	if err != nil {
		return nodeResult{}, fmt.Errorf("report: %w", err)
	}
	dir := filepath.Join(tmp, "node")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nodeResult{}, fmt.Errorf("report: %w", err)
	}
	for name, text := range map[string][]byte{"powertools.mjs": script, "package.json": []byte("{}\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return nodeResult{}, fmt.Errorf("report: %w", err)
		}
	}
	run := func(name string, args ...string) (stdout, stderr []byte, err error) {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = dir
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if name != "node" || args[0] == "--version" {
			stdout, err = cmd.Output()
		} else {
			err = cmd.Run() // documents go to /dev/null
		}
		if err != nil {
			return nil, nil, fmt.Errorf("report: %s %s: %w\n%s", name, args[0], err, errs.Bytes())
		}
		return stdout, errs.Bytes(), nil
	}
	v, _, err := run("node", "--version")
	if err != nil {
		return nodeResult{}, err
	}
	if _, _, err := run("npm", "install", "--no-audit", "--no-fund", "--silent", powertools); err != nil {
		return nodeResult{}, err
	}
	_, out, err := run("node", "powertools.mjs")
	if err != nil {
		return nodeResult{}, err
	}
	var times []float64
	for _, match := range nodeLine.FindAllSubmatch(out, -1) {
		t, err := strconv.ParseFloat(string(match[1]), 64)
		if err != nil {
			return nodeResult{}, fmt.Errorf("report: %w", err)
		}
		times = append(times, t)
	}
	if len(times) == 0 {
		return nodeResult{}, fmt.Errorf("report: powertools.mjs printed no time: %s", out)
	}
	return nodeResult{stats.Median(times), string(bytes.TrimSpace(v))}, nil
}
