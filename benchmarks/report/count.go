package main

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/counting"
	"github.com/lambdakit/lambdakit/benchmarks/internal/gobench"
	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

// The numbers of operations of the run whose allocations count, and of the two runs whose system calls and
// instructions are compared.
const (
	allocatingOperations          = 3000
	fewOperations, manyOperations = 100, 600
)

// count counts the allocations, the system calls and the instructions of the measurements that rows
// compare. It counts benchmarks and starts of functions, and peers only if asked.
func (m measurements) count(ctx context.Context, rows []row, peers bool, binaries map[string]*gobench.Binary, functions []coldstart.Measurement, progress func(string)) error {
	progress("counting")
	for _, r := range rows {
		names := []string{r.claim.ours, r.less}
		if peers {
			names = append(names, r.peer)
		}
		for _, name := range names {
			s := m[name]
			if s == nil || s.counts != nil {
				continue
			}
			if err := s.count(ctx, name, binaries, functions); err != nil {
				return fmt.Errorf("report: %s: %w", name, err)
			}
		}
	}
	return nil
}

func (s *series) count(ctx context.Context, name string, binaries map[string]*gobench.Binary, functions []coldstart.Measurement) error {
	s.counts = unknown()
	if rest, ok := strings.CutPrefix(name, coldstartPrefix); ok {
		function, figure, _ := strings.Cut(rest, "/")
		for _, f := range functions {
			if f.Name == function && figure == "init" {
				c, err := coldstart.CountStart(ctx, f.Binary)
				s.counts = &c
				return err
			}
		}
	}
	pkg, bench := split(name)
	b := binaries[pkg]
	if b == nil { // a figure of a function
		return nil
	}
	// The rounds are short, so their first operations count for more.
	r, err := b.RunOperations(ctx, bench, allocatingOperations)
	if err != nil {
		return err
	}
	s.allocs, s.bytes = []float64{r.Allocs}, []float64{r.Bytes}
	c, err := counting.Each(ctx, fewOperations, manyOperations, func(ctx context.Context, n int) *exec.Cmd { return b.Command(ctx, bench, n) })
	s.counts = &c
	return err
}

// simulations is how often valgrind runs a benchmark until it succeeds: several threads make it crash now
// and then.
const simulations = 4

// simulate counts the instructions of the benchmarks that count did not know.
func (m measurements) simulate(ctx context.Context, binaries map[string]*gobench.Binary, progress func(string)) error {
	progress("counting instructions with valgrind")
	for name, s := range m {
		pkg, bench := split(name)
		b := binaries[pkg]
		if b == nil || s.counts == nil || !math.IsNaN(s.counts.Instructions) {
			continue
		}
		n, err := math.NaN(), error(nil)
		for try := 0; try == 0 || try < simulations && err != nil && ctx.Err() == nil; try++ {
			n, err = counting.Simulated(ctx, fewOperations, manyOperations, func(ctx context.Context, n int) *exec.Cmd {
				cmd := b.Command(ctx, bench, n)
				cmd.Args = append(cmd.Args, "-test.cpu=1")
				return cmd
			})
		}
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("report: %w", ctx.Err())
		case err != nil:
			progress("valgrind cannot run " + name)
		default:
			s.counts.Instructions = n
		}
	}
	return nil
}

// counted prints a count of ours and of the best peer. A count is NaN if it is unknown.
func (r row) counted(m measurements, count func(*series) float64) string {
	of := func(name string) float64 {
		if s := m[name]; s != nil {
			return count(s)
		}
		return math.NaN()
	}
	ours, peer := of(r.claim.ours), of(r.peer)
	if r.less != "" {
		ours -= of(r.less)
	}
	if r.peer == "" || math.IsNaN(ours) && math.IsNaN(peer) {
		return formatCount(ours)
	}
	return formatCount(ours) + " / " + formatCount(peer)
}

// The counts of a series.
var (
	allocations    = func(s *series) float64 { return stats.Median(s.allocs) }
	allocatedBytes = func(s *series) float64 { return stats.Median(s.bytes) }
	systemCalls    = func(s *series) float64 { return s.counted().SystemCalls }
	instructions   = func(s *series) float64 { return s.counted().Instructions }
)

func (s *series) counted() *counting.Counts {
	if s.counts == nil {
		return unknown()
	}
	return s.counts
}

func unknown() *counting.Counts {
	return &counting.Counts{SystemCalls: math.NaN(), Instructions: math.NaN()}
}

// formatCount prints a count with at most one decimal. Different numbers of other calls in two runs make
// counts differ by less than that.
func formatCount(n float64) string {
	if math.IsNaN(n) {
		return "-"
	}
	if n >= 100 {
		return fmt.Sprintf("%.0f", n)
	}
	return strconv.FormatFloat(math.Round(n*10)/10+0, 'f', -1, 64) // + 0: not -0
}
