package main

import (
	"fmt"
	"runtime"
	"time"
)

// machine says when and on what was measured, and no more than that.
func machine(at time.Time, p pace) string {
	others := ""
	if p.whole > 0 {
		others = fmt.Sprintf(" What is in the last table alone: %d rounds.", (p.rounds+p.whole-1)/p.whole)
	}
	return fmt.Sprintf("%s, %s/%s, %d processors, %s; %d rounds of %v a benchmark, %d starts a function.%s\n",
		at.UTC().Format("2 January 2006"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), p.rounds, p.each, p.starts, others)
}
