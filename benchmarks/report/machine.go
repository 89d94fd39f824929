package main

import (
	"fmt"
	"runtime"
	"time"
)

// machine says when and on what was measured, and no more than that.
func machine(at time.Time, p pace) string {
	return fmt.Sprintf("%s, %s/%s, %d processors, %s; %d rounds of %v a benchmark, %d starts a function.\n",
		at.UTC().Format("2 January 2006"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), p.rounds, p.each, p.starts)
}

// others says how often was measured what is in the last table alone.
func others(p pace) string {
	if p.whole == 0 {
		return ""
	}
	return fmt.Sprintf("What is in the last table alone: %d rounds.\n", (p.rounds+p.whole-1)/p.whole)
}
