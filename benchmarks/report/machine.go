package main

import (
	"fmt"
	"runtime"
	"time"
)

// machine describes the time, the machine and the extent of the measurement, without names.
func machine(at time.Time, p pace) string {
	return fmt.Sprintf("%s, %s/%s, %d processors, %s; %d rounds of %v a benchmark, %d starts a function.\n",
		at.UTC().Format("2 January 2006"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), p.rounds, p.each, p.starts)
}

// others describes the rounds of the benchmarks that only the last table lists.
func others(p pace) string {
	if p.whole == 0 {
		return ""
	}
	return fmt.Sprintf("Benchmarks that only the last table lists ran in %d rounds.\n", (p.rounds+p.whole-1)/p.whole)
}
