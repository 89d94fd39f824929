// Package gobench runs benchmarks of Go packages and parses their output.
package gobench

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Result is one line of a benchmark's output.
type Result struct {
	Name   string  // without "Benchmark" and the number of processors
	NS     float64 // nanoseconds for one operation
	Bytes  float64 // allocated by one operation
	Allocs float64 // by one operation
}

// Parse reads the output of benchmarks that ran with procs processors. The printed names
// contain that number. Parse skips lines without a result.
func Parse(r io.Reader, procs int) ([]Result, error) {
	suffix := ""
	if procs != 1 {
		suffix = "-" + strconv.Itoa(procs)
	}
	var results []Result
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if _, err := strconv.ParseUint(fields[1], 10, 64); err != nil {
			continue // a log line
		}
		res := Result{Name: strings.TrimSuffix(strings.TrimPrefix(fields[0], "Benchmark"), suffix), NS: -1}
		for pair := fields[2:]; len(pair) >= 2; pair = pair[2:] {
			v, err := strconv.ParseFloat(pair[0], 64)
			if err != nil {
				return nil, fmt.Errorf("gobench: %q: %w", lines.Text(), err)
			}
			switch pair[1] {
			case "ns/op":
				res.NS = v
			case "B/op":
				res.Bytes = v
			case "allocs/op":
				res.Allocs = v
			}
		}
		if res.NS < 0 {
			return nil, fmt.Errorf("gobench: %q: no ns/op", lines.Text())
		}
		results = append(results, res)
	}
	return results, lines.Err()
}
