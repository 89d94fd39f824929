package metrics

import (
	"slices"
	"sync"
	"time"
)

// bound is what an invocation adds to metrics recorded from some moment on. It is not
// changed: the next moment has another.
type bound struct {
	labels    []label
	sets      [][]label // further sets of dimensions
	timestamp time.Time // zero: that of writing
}

func (b *bound) equal(o *bound) bool {
	return b.timestamp.Equal(o.timestamp) && slices.Equal(b.labels, o.labels) && slices.EqualFunc(b.sets, o.sets, slices.Equal)
}

// sameSet reports whether two sets have the same dimensions, in whatever order.
func sameSet(a, b []label) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(l label) bool { return !slices.Contains(b, l) })
}

// collector holds the metrics of an invocation until they are written. It is reused.
type collector struct {
	groups []group
	n      int // groups in use
	series int // in all of them
}

// group is the metrics that share their dimensions, and so their documents.
type group struct {
	bound  *bound
	labels labels
	lane   int // above 0: further units of names that are in the group already
	series []series
	n      int
}

// series is the values of one metric.
type series struct {
	metric *metric
	values []float64
	sum    float64
	summed bool
	next   int // of values, while they are written
}

// maxSeries is how many series are held back before they are written.
const maxSeries = 1000

var collectors = sync.Pool{New: func() any { return new(collector) }}

// record adds a value, and reports whether it is time to write.
func (c *collector) record(b *bound, l *labels, x *metric, value float64, sum bool) (full bool) {
	s := c.find(b, l, x)
	if sum {
		s.sum += value
		s.summed = true
	} else {
		s.values = append(s.values, value)
	}
	return len(s.values) == maxValues || c.series >= maxSeries
}

func (c *collector) find(b *bound, l *labels, x *metric) *series {
	for lane := 0; ; lane++ {
		g := c.group(b, l, lane)
		taken := false
		for i := range g.series[:g.n] {
			s := &g.series[i]
			if s.metric == x {
				return s
			}
			if s.metric.name == x.name {
				if s.metric.key == x.key { // one that is not remembered
					return s
				}
				taken = true
			}
		}
		if taken {
			continue
		}
		if g.n == len(g.series) {
			g.series = append(g.series, series{})
		}
		s := &g.series[g.n]
		g.n++
		c.series++
		*s = series{metric: x, values: s.values[:0]}
		return s
	}
}

func (c *collector) group(b *bound, l *labels, lane int) *group {
	for i := range c.groups[:c.n] {
		g := &c.groups[i]
		if g.bound == b && g.lane == lane && g.labels.equal(l) {
			return g
		}
	}
	if c.n == len(c.groups) {
		c.groups = append(c.groups, group{})
	}
	g := &c.groups[c.n]
	c.n++
	g.bound, g.labels, g.lane, g.n = b, *l, lane, 0
	return g
}

const (
	maxKeptGroups = 64
	maxKeptSeries = 128
)

// carry moves the sums to another collector: a counter is one value for each
// invocation, also where a distribution has so many that they are written before.
func (c *collector) carry() *collector {
	next := collectors.Get().(*collector)
	for i := range c.groups[:c.n] {
		g := &c.groups[i]
		for j := range g.series[:g.n] {
			if s := &g.series[j]; s.summed {
				next.record(g.bound, &g.labels, s.metric, s.sum, true)
				s.summed = false
			}
		}
	}
	return next
}

// release empties the collector for its next use.
func (c *collector) release() {
	for i := range c.groups[:c.n] {
		g := &c.groups[i]
		for j := range g.series[:g.n] {
			g.series[j].metric = nil
		}
		g.bound, g.labels = nil, labels{}
	}
	if c.n > maxKeptGroups || c.series > maxKeptSeries {
		return // left to the garbage collector
	}
	c.n, c.series = 0, 0
	collectors.Put(c)
}
