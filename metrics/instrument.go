package metrics

import (
	"context"
	"math"
	"time"
)

// instrument is the common part of the instruments. It is a value: With changes a copy.
// The zero instrument records nothing.
type instrument struct {
	meter    *Meter
	metric   *metric // nil if CloudWatch would refuse its name
	bindings bindings
}

// Counter adds up the numbers of an invocation to one value. It is safe for concurrent use.
// The zero Counter records nothing.
type Counter struct{ instrument }

// Distribution keeps every value, so that CloudWatch can compute percentiles. It is safe for
// concurrent use. The zero Distribution records nothing.
type Distribution struct{ instrument }

// Duration is a distribution of times in milliseconds, with fractions. It is safe for
// concurrent use. The zero Duration records nothing.
type Duration struct{ instrument }

// Counter returns a counter with the unit Count. It reports a name that CloudWatch would
// refuse and then returns a counter that records nothing.
func (m *Meter) Counter(name string) Counter {
	return Counter{m.instrument(name, Count, false)}
}

// Distribution returns a distribution of values in the unit. See [Meter.Counter] for bad
// names. A bad unit is reported, and None is used instead.
func (m *Meter) Distribution(name string, unit Unit) Distribution {
	return Distribution{m.instrument(name, unit, false)}
}

// Duration returns a distribution of times with the unit Milliseconds. See [Meter.Counter]
// for bad names.
func (m *Meter) Duration(name string) Duration {
	return Duration{m.instrument(name, Milliseconds, false)}
}

func (m *Meter) instrument(name string, unit Unit, high bool) instrument {
	return instrument{meter: m, metric: m.metric(name, unit, high)}
}

// HighResolution returns the counter with a storage resolution of one second instead of one
// minute. CloudWatch keeps seconds for three hours and minutes for 15 days. Alarms with a
// period below a minute cost more (CloudWatch, Metrics concepts).
func (c Counter) HighResolution() Counter { c.metric = c.high(); return c }

// HighResolution returns the distribution with a storage resolution of one second.
func (d Distribution) HighResolution() Distribution { d.metric = d.high(); return d }

// HighResolution returns the duration with a storage resolution of one second.
func (d Duration) HighResolution() Duration { d.metric = d.high(); return d }

func (i *instrument) high() *metric {
	if i.metric == nil {
		return nil
	}
	return i.meter.metric(i.metric.name, i.metric.key.unit, true)
}

// With returns a counter with more dimensions, pairs of name and value. Its metric also has
// the dimensions of the invocation and the default dimensions. A later value of a name
// replaces an earlier one. A pair that CloudWatch would refuse is left out and reported.
func (c Counter) With(pairs ...string) Counter { c.bind(pairs); return c }

// With returns a distribution with more dimensions; see [Counter.With].
func (d Distribution) With(pairs ...string) Distribution { d.bind(pairs); return d }

// With returns a duration with more dimensions; see [Counter.With].
func (d Duration) With(pairs ...string) Duration { d.bind(pairs); return d }

func (i *instrument) bind(pairs []string) {
	if len(pairs)%2 != 0 {
		if i.meter != nil {
			i.meter.reportOddPairs(pairs[len(pairs)-1])
		}
		pairs = pairs[:len(pairs)-1]
	}
	for p := 0; p < len(pairs); p += 2 {
		i.bindings.add(pairs[p], pairs[p+1])
	}
}

// Add adds n, which may be a fraction or negative, to the counter of the invocation that ctx
// belongs to. Outside an invocation it writes n immediately.
func (c Counter) Add(ctx context.Context, n float64) { c.record(ctx, n, true) }

// Record adds a value to the distribution of the invocation that ctx belongs to. Outside an
// invocation it writes the value immediately.
func (d Distribution) Record(ctx context.Context, value float64) { d.record(ctx, value, false) }

// Record adds a time to the distribution of the invocation that ctx belongs to. Outside an
// invocation it writes the time immediately.
func (d Duration) Record(ctx context.Context, value time.Duration) {
	d.record(ctx, float64(value)/float64(time.Millisecond), false)
}

// Start starts a timer. A function measures itself with
//
//	defer chargeTime.Start(ctx).Stop()
func (d Duration) Start(ctx context.Context) Timer { return Timer{d, ctx, time.Now()} }

// Timer measures one duration.
type Timer struct {
	d     Duration
	ctx   context.Context
	start time.Time
}

// Stop records the time since the timer was started.
func (t Timer) Stop() { t.d.Record(t.ctx, time.Since(t.start)) }

// Record records a value of a metric whose name is known only at run time. The metric has the
// dimensions of the invocation that ctx belongs to and the default dimensions. If the name is
// known earlier, declare an instrument: it is faster.
func (m *Meter) Record(ctx context.Context, name string, unit Unit, value float64) {
	i := m.instrument(name, unit, false)
	i.record(ctx, value, false)
}

// Single writes a document with one value immediately. It has the given dimensions, pairs of
// name and value, and the default dimensions. It does not have the dimensions, metadata and
// timestamp of the invocation that ctx belongs to.
func (m *Meter) Single(ctx context.Context, name string, unit Unit, value float64, pairs ...string) {
	i := m.instrument(name, unit, false)
	i.bind(pairs)
	if value, ok := i.check(value, false); ok {
		m.writeOne(m.scope(ctx), noSettings, &i.bindings, i.metric, value, nil)
	}
}

func (i *instrument) record(ctx context.Context, value float64, sum bool) {
	value, ok := i.check(value, sum)
	if !ok {
		return
	}
	if sc := i.meter.scope(ctx); sc != nil {
		sc.record(i, value, sum)
	} else {
		i.meter.writeOne(nil, noSettings, &i.bindings, i.metric, value, nil)
	}
}

// check returns the value to record, and whether there is one. See inRange. A term of a sum
// may be too small for CloudWatch, since the sum counts.
func (i *instrument) check(value float64, sum bool) (float64, bool) {
	if i.metric == nil || i.meter.disabled {
		return 0, false
	}
	if sum && math.Abs(value) < minMagnitude {
		return value, true
	}
	return i.meter.inRange(i.metric, value)
}
