package main

import (
	"fmt"

	"github.com/lambdakit/lambdakit/benchmarks/internal/counting"
	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

// series holds the values of one measurement.
type series struct {
	values []float64 // nanoseconds or bytes, one value a round
	allocs []float64 // nil if not measured
	bytes  []float64 // allocated; nil if not measured
	counts *counting.Counts
}

type measurements map[string]*series

func (m measurements) add(name string, value float64) *series {
	s := m[name]
	if s == nil {
		s = new(series)
		m[name] = s
	}
	s.values = append(s.values, value)
	return s
}

func (m measurements) median(name string) float64 { return stats.Median(m[name].values) }

// verdict says whether a claim holds.
type verdict int

const (
	holds verdict = iota
	noise         // the measurement does not decide
	fails
)

func (v verdict) String() string { return [...]string{"yes", "noise", "**no**"}[v] }

// row is a claim and its result.
type row struct {
	claim
	value      float64 // our median, without the median of less
	allocated  float64 // our allocations; -1: not measured
	peer       string  // the fastest peer; "" without peers
	peerValue  float64
	floorValue float64
	figure     float64 // the value that the goal limits
	q1, q3     float64 // quartiles of the figure over the rounds
	limit      float64 // the limit of the figure on this machine
	verdict    verdict
}

// judge judges all claims.
func (m measurements) judge(claims []claim) ([]row, error) {
	var rows []row
	for _, c := range claims {
		r, err := c.judge(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// judge compares the measurements with the goal.
func (c claim) judge(m measurements) (row, error) {
	for _, name := range c.names() {
		if s := m[name]; s == nil || len(s.values) == 0 {
			return row{}, fmt.Errorf("report: %s: %q was not measured", c.what, name)
		}
	}
	r := row{claim: c, value: m.median(c.ours), allocated: -1}
	if s := m[c.ours]; s.allocs != nil {
		r.allocated = stats.Median(s.allocs)
	}
	for _, peer := range c.peers {
		if v := m.median(peer); r.peer == "" || v < r.peerValue {
			r.peer, r.peerValue = peer, v
		}
	}
	if c.floor != "" {
		r.floorValue = m.median(c.floor)
	}

	rounds := m[c.ours].values
	if c.less != "" {
		r.value -= m.median(c.less)
		rounds = over(c.less, 0).each(rounds, m[c.less].values)
	}
	r.figure = r.value
	if c.goal.kind != absolute {
		rounds = c.goal.each(rounds, m[c.goal.than].values)
		r.figure = c.goal.of(r.value, m.median(c.goal.than))
	}
	r.q1, r.q3 = stats.Quartiles(rounds)
	r.limit = c.limitOn(m)
	switch {
	case r.figure <= r.limit:
		r.verdict = holds
	case r.q1 <= r.limit:
		r.verdict = noise
	default:
		r.verdict = fails
	}
	if c.allocs != nil && !c.allocs.met(r.allocated, m) {
		r.verdict = fails
	}
	return r, nil
}

// limitOn returns the goal's limit on the machine that measured m.
func (c claim) limitOn(m measurements) float64 {
	limit := c.goal.limit
	if c.goal.kind != ratio && c.unit == nanoseconds {
		limit *= m.slowness()
	}
	if c.goal.plus != "" {
		limit += m.median(c.goal.plus) - m.median(c.goal.minus)
	}
	return limit
}

// The goals that are times were set on a machine that takes clockOfGoal nanoseconds to read its
// clock.
const (
	clock       = "params/Text/floor/clock"
	clockOfGoal = 42.0
)

// slowness returns the factor by which this machine is slower than the machine of the goals. It
// compares the times to read the clock. It returns 1 if this machine is faster, or if the clock
// was not measured.
func (m measurements) slowness() float64 {
	if m[clock] == nil {
		return 1
	}
	return max(1, m.median(clock)/clockOfGoal)
}

// of returns the figure that the goal limits.
func (g goal) of(ours, than float64) float64 {
	switch g.kind {
	case ratio:
		return ours / than
	case difference:
		return ours - than
	default:
		return ours
	}
}

// each returns the figure of each round.
func (g goal) each(ours, than []float64) []float64 {
	figures := make([]float64, min(len(ours), len(than)))
	for i := range figures {
		figures[i] = g.of(ours[i], than[i])
	}
	return figures
}

func (g *allocsGoal) met(allocated float64, m measurements) bool {
	if allocated < 0 {
		return false
	}
	if g.than != "" {
		allocated -= stats.Median(m[g.than].allocs)
	}
	return allocated <= g.limit
}
