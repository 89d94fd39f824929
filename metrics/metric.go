package metrics

import (
	"math"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// metric is a name with a unit and a resolution, checked and encoded once for each Meter.
type metric struct {
	name       string
	definition []byte // {"Name":"x","Unit":"Count"}
	member     []byte // "x":
	key        metricKey
}

type metricKey struct {
	name string
	unit Unit
	high bool // a resolution of one second
}

// maxKnownMetrics limits the metrics that a Meter remembers, in case names are made at run time.
const maxKnownMetrics = 10_000

// metric returns the metric of a name, or nil if CloudWatch would refuse the name.
func (m *Meter) metric(name string, unit Unit, high bool) *metric {
	key := metricKey{name, unit, high}
	m.mu.RLock()
	known, ok := m.metrics[key]
	m.mu.RUnlock()
	if ok {
		return known
	}
	if err := checkMetricName(name); err != nil {
		m.problem("name "+shortened(name), "metric name %.60q %v; it is not recorded", name, err)
		return nil
	}
	if !unit.valid() {
		m.problem("unit "+name, "metric %q: unit %q is none of %s; using None", name, unit, unitNames())
		unit = None
	}
	x := newMetric(strings.Clone(name), unit, high) // the name may be part of a large text
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.metrics[x.key]; ok {
		return known
	}
	if len(m.metrics) < maxKnownMetrics {
		m.metrics[x.key] = x
	}
	return x
}

func newMetric(name string, unit Unit, high bool) *metric {
	x := &metric{name: name, key: metricKey{name, unit, high}}
	x.definition = append(x.definition, `{"Name":`...)
	x.definition = jsonenc.AppendString(x.definition, name)
	x.definition = append(x.definition, `,"Unit":"`...)
	x.definition = append(x.definition, unit...)
	x.definition = append(x.definition, '"')
	if high {
		x.definition = append(x.definition, `,"StorageResolution":1`...)
	}
	x.definition = append(x.definition, '}')
	x.member = jsonenc.AppendString(x.member, name)
	x.member = append(x.member, ':')
	return x
}

// inRange returns the value that is written for a value, and whether one is written. A value
// that is too small for CloudWatch becomes 0. A value that CloudWatch would refuse is left out.
// Both are reported.
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
