package gobench

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Result is one line of a benchmark's output.
type Result struct {
	Name   string  // without "Benchmark" and the number of processors
	NS     float64 // nanoseconds for one operation
	Allocs float64 // by one operation
	Bytes  float64 // allocated by one operation
}

// Parse reads the output of benchmarks that ran with procs processors. The printed names
// contain that number.
func Parse(r io.Reader, procs int) ([]Result, error) {
	suffix := "" // a single processor is not printed, and "utf-8" is a name
	if procs != 1 {
		suffix = "-" + strconv.Itoa(procs)
	}
	var results []Result
	lines := benchfmt.NewReader(r, "output")
	for lines.Scan() {
		switch line := lines.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, fmt.Errorf("gobench: %w", line)
		case *benchfmt.Result:
			seconds, ok := line.Value("sec/op")
			if !ok {
				return nil, fmt.Errorf("gobench: %s: no ns/op", line.Name)
			}
			allocs, _ := line.Value("allocs/op")
			bytes, _ := line.Value("B/op")
			results = append(results, Result{strings.TrimSuffix(line.Name.String(), suffix), seconds * 1e9, allocs, bytes})
		}
	}
	return results, lines.Err()
}
