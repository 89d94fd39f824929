package metrics

import "sync"

// collector holds the metrics of an invocation until they are written. It is reused.
type collector struct {
	groups      []group
	used        int // groups in use
	seriesCount int // in all groups
}

// group holds the metrics that share their dimensions and timestamp, and thus their documents.
type group struct {
	settings *settings
	bindings bindings
	variant  int // 0, or 1, 2, ... if groups before have the same names with other units
	series   []series
	used     int // series in use
}

// series holds the values of one metric.
type series struct {
	metric  *metric
	values  []float64
	sum     float64
	summed  bool // sum has a value
	written int  // values that are written
}

// closeSum turns the sum into a value, if there is one.
func (s *series) closeSum(m *Meter) {
	if !s.summed {
		return
	}
	s.summed = false
	if sum, ok := m.inRange(s.metric, s.sum); ok {
		s.values = append(s.values, sum)
	}
}

// maxSeries is the number of series at which a collector is written.
const maxSeries = 1000

var collectors = sync.Pool{New: func() any { return new(collector) }}

// record adds a value and reports whether the collector has to be written now.
func (c *collector) record(set *settings, b *bindings, x *metric, value float64, sum bool) (full bool) {
	s := c.find(set, b, x)
	if sum {
		s.sum += value
		s.summed = true
	} else {
		s.values = append(s.values, value)
	}
	return len(s.values) == maxValues || c.seriesCount >= maxSeries
}

// find returns the series of a metric. A document has one metric of a name, so a metric with
// the same name and another unit goes into the group's next variant.
func (c *collector) find(set *settings, b *bindings, x *metric) *series {
	for variant := 0; ; variant++ {
		g := c.group(set, b, variant)
		nameInUse := false
		for i := range g.series[:g.used] {
			s := &g.series[i]
			if s.metric == x {
				return s
			}
			if s.metric.name == x.name {
				if s.metric.key == x.key { // beyond the metrics that a Meter remembers
					return s
				}
				nameInUse = true
			}
		}
		if nameInUse {
			continue
		}
		if g.used == len(g.series) {
			g.series = append(g.series, series{})
		}
		s := &g.series[g.used]
		g.used++
		c.seriesCount++
		*s = series{metric: x, values: s.values[:0]}
		return s
	}
}

func (c *collector) group(set *settings, b *bindings, variant int) *group {
	for i := range c.groups[:c.used] {
		g := &c.groups[i]
		if g.settings == set && g.variant == variant && g.bindings.equal(b) {
			return g
		}
	}
	if c.used == len(c.groups) {
		c.groups = append(c.groups, group{})
	}
	g := &c.groups[c.used]
	c.used++
	g.settings, g.bindings, g.variant, g.used = set, *b, variant, 0
	return g
}

// moveSums moves the sums to another collector. A counter becomes one value for each
// invocation, even if a distribution is written before the end because it is full.
func (c *collector) moveSums() *collector {
	next := collectors.Get().(*collector)
	for i := range c.groups[:c.used] {
		g := &c.groups[i]
		for j := range g.series[:g.used] {
			if s := &g.series[j]; s.summed {
				next.record(g.settings, &g.bindings, s.metric, s.sum, true)
				s.summed = false
			}
		}
	}
	return next
}

// A collector that is larger than this is not reused.
const (
	maxPooledGroups = 64
	maxPooledSeries = 128
)

// release keeps the collector for another invocation, unless it is large.
func (c *collector) release() {
	if c.reset() {
		collectors.Put(c)
	}
}

// reset empties the collector and reports whether it is small enough to be kept.
func (c *collector) reset() bool {
	for i := range c.groups[:c.used] {
		g := &c.groups[i]
		for j := range g.series[:g.used] {
			g.series[j].metric = nil
		}
		g.settings, g.bindings = nil, bindings{}
	}
	if c.used > maxPooledGroups || c.seriesCount > maxPooledSeries {
		return false
	}
	c.used, c.seriesCount = 0, 0
	return true
}
