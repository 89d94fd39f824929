package metrics

import (
	"context"
	"math"
	"time"
)

// metric is what CloudWatch knows a metric as; one for each name, unit and resolution
// of a Meter.
type metric struct {
	name       string
	definition []byte // {"Name":"x","Unit":"Count"}
	member     []byte // "x":
	key        metricKey
}

// instrument is what the instruments have in common. It is a value: With returns
// another one. The zero instrument records nothing.
type instrument struct {
	m      *Meter
	metric *metric // nil: its name was refused
	labels labels
}

// Counter counts: what is added within an invocation becomes one value.
type Counter struct{ instrument }

// Distribution keeps every value, so that CloudWatch can compute percentiles.
type Distribution struct{ instrument }

// Duration keeps durations, in milliseconds with fractions.
type Duration struct{ instrument }

// Counter returns a counter with unit Count. A name that CloudWatch would refuse is
// reported, and the counter records nothing.
func (m *Meter) Counter(name string) Counter {
	return Counter{m.instrument(name, Count, false)}
}

// Distribution returns a distribution of values of the unit. See Counter for bad names;
// instead of a bad unit None is used.
func (m *Meter) Distribution(name string, unit Unit) Distribution {
	return Distribution{m.instrument(name, unit, false)}
}

// Duration returns a distribution of durations. See Counter for bad names.
func (m *Meter) Duration(name string) Duration {
	return Duration{m.instrument(name, Milliseconds, false)}
}

func (m *Meter) instrument(name string, unit Unit, high bool) instrument {
	return instrument{m: m, metric: m.metric(name, unit, high)}
}

// HighResolution returns the counter with a storage resolution of one second instead of
// a minute, which CloudWatch charges and keeps differently.
func (c Counter) HighResolution() Counter { c.metric = c.high(); return c }

// HighResolution returns the distribution with a storage resolution of one second.
func (d Distribution) HighResolution() Distribution { d.metric = d.high(); return d }

// HighResolution returns the duration with a storage resolution of one second.
func (d Duration) HighResolution() Duration { d.metric = d.high(); return d }

func (i *instrument) high() *metric {
	if i.metric == nil {
		return nil
	}
	return i.m.highResolution(i.metric)
}

// With returns the counter bound to dimensions, pairs of name and value: what is added
// through it is recorded under those, the ones of the invocation and the defaults. A
// later value for a name replaces an earlier one. A bad pair is left out and reported.
func (c Counter) With(pairs ...string) Counter { c.bind(pairs); return c }

// With returns the distribution bound to dimensions; see Counter.With.
func (d Distribution) With(pairs ...string) Distribution { d.bind(pairs); return d }

// With returns the duration bound to dimensions; see Counter.With.
func (d Duration) With(pairs ...string) Duration { d.bind(pairs); return d }

func (i *instrument) bind(pairs []string) {
	if len(pairs)%2 != 0 {
		if i.m != nil {
			i.m.oddPairs(pairs[len(pairs)-1])
		}
		pairs = pairs[:len(pairs)-1]
	}
	for p := 0; p < len(pairs); p += 2 {
		i.labels.add(pairs[p], pairs[p+1])
	}
}

// Add adds n, which may be fractional, to the counter of the invocation that ctx belongs
// to. Outside an invocation n is written at once.
func (c Counter) Add(ctx context.Context, n float64) { c.record(ctx, n, true) }

// Record keeps a value of the invocation that ctx belongs to. Outside an invocation it
// is written at once.
func (d Distribution) Record(ctx context.Context, value float64) { d.record(ctx, value, false) }

// Record keeps a duration of the invocation that ctx belongs to. Outside an invocation
// it is written at once.
func (d Duration) Record(ctx context.Context, value time.Duration) {
	d.record(ctx, float64(value)/float64(time.Millisecond), false)
}

// Start starts a timer, to be stopped with
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

// Record keeps a value of a metric whose name is known only at run time, under the
// dimensions of the invocation and the defaults. Where names are known, declare an
// instrument instead: it is faster, and its name is checked once.
func (m *Meter) Record(ctx context.Context, name string, unit Unit, value float64) {
	i := m.instrument(name, unit, false)
	i.record(ctx, value, false)
}

// Single writes a document of its own at once, with the given dimensions, pairs of name
// and value, and the defaults, but not those of the invocation that ctx belongs to.
func (m *Meter) Single(ctx context.Context, name string, unit Unit, value float64, pairs ...string) {
	i := m.instrument(name, unit, false)
	i.bind(pairs)
	if value, ok := i.check(value, false); ok {
		m.writeOne(m.scope(ctx), none, &i.labels, i.metric, value, nil)
	}
}

func (i *instrument) record(ctx context.Context, value float64, sum bool) {
	value, ok := i.check(value, sum)
	if !ok {
		return
	}
	if sc := i.m.scope(ctx); sc != nil {
		sc.record(i, value, sum)
	} else {
		i.m.writeOne(nil, none, &i.labels, i.metric, value, nil)
	}
}

// check returns the value that CloudWatch takes for this one, and whether there is something
// to record. What is added to a sum may be small: the sum counts.
func (i *instrument) check(value float64, sum bool) (float64, bool) {
	if i.m == nil || i.metric == nil || i.m.disabled {
		return 0, false
	}
	if sum && math.Abs(value) < minMagnitude {
		return value, true
	}
	return i.m.inRange(i.metric, value)
}

// inRange returns a value if CloudWatch takes it, and 0 for one that is too small. It reports
// whether there is one to write.
func (m *Meter) inRange(x *metric, value float64) (float64, bool) {
	// Two comparisons in the usual case: NaN and infinities fail the second.
	if size := math.Abs(value); size >= minMagnitude && size <= maxMagnitude || size == 0 {
		return value, true
	}
	if math.Abs(value) < minMagnitude {
		m.problem("small value "+x.name, "metric %q: the value %v is nearer to 0 than 2^-360 (PutMetricData); 0 is written", x.name, value)
		return 0, true
	}
	m.problem("value "+x.name, "metric %q: the value %v %v; it is left out", x.name, value, checkValue(value))
	return 0, false
}
