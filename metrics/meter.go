package metrics

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/internal/sink"
)

// Meter holds what a program's metrics have in common. Make one with [New]; its
// methods may be called from several goroutines.
type Meter struct {
	namespace []byte // a JSON string
	defaults  []label
	coldStart bool
	function  string
	disabled  bool
	maxBytes  int
	level     string // that documents carry; empty: none
	out       *sink.Sink
	report    *report.Reporter

	mu      sync.RWMutex
	metrics map[metricKey]*metric
}

type metricKey struct {
	name string
	unit Unit
	high bool
}

// maxKnown bounds the metrics that are remembered, for names made up at run time.
const maxKnown = 10_000

const (
	defaultMaxBytes = 64_000
	minMaxBytes     = 8_000
	maxMaxBytes     = 1_000_000 // (CloudWatch Logs quotas, event size)
)

// New returns a Meter. It never fails: what is wrong with o or the environment is
// reported through o.OnError, with what is used instead.
func New(o *Options) *Meter {
	if o == nil {
		o = new(Options)
	}
	m := &Meter{
		coldStart: o.ColdStart,
		function:  cmp.Or(o.FunctionName, os.Getenv("POWERTOOLS_METRICS_FUNCTION_NAME")),
		maxBytes:  cmp.Or(o.MaxDocumentBytes, defaultMaxBytes),
		report:    report.New(o.OnError),
		metrics:   make(map[metricKey]*metric),
	}
	m.out = sink.New(o.Writer, "metrics", m.report)
	if m.disabled = m.switchedOff(o.Disabled); m.disabled {
		return m
	}
	if m.maxBytes < minMaxBytes {
		m.problem("size", "MaxDocumentBytes %d is too small for a document; using %d", m.maxBytes, minMaxBytes)
		m.maxBytes = minMaxBytes
	}
	if m.maxBytes > maxMaxBytes {
		m.problem("size", "MaxDocumentBytes %d is beyond what CloudWatch Logs takes as one event; using %d", m.maxBytes, maxMaxBytes)
		m.maxBytes = maxMaxBytes
	}

	ns := cmp.Or(o.Namespace, os.Getenv("POWERTOOLS_METRICS_NAMESPACE"))
	if ns == "" {
		m.problem("namespace", "no namespace: set Options.Namespace or POWERTOOLS_METRICS_NAMESPACE; using %q", DefaultNamespace)
		ns = DefaultNamespace
	} else if err := checkNamespace(ns); err != nil {
		m.problem("namespace", "namespace %q %v; using %q", ns, err, DefaultNamespace)
		ns = DefaultNamespace
	}
	m.namespace = jsonenc.AppendString(nil, ns)

	if service := cmp.Or(o.Service, env.Text("POWERTOOLS_SERVICE_NAME")); service != "" {
		m.defaults = append(m.defaults, label{"service", service})
	}
	if !o.NoLevel {
		m.level = droppedLevel()
	}
	d := document{m: m} // checks them once
	d.add(m.appendPairs(m.defaults, o.Dimensions), 0)
	m.defaults = d.dims
	return m
}

// droppedLevel returns the level that a line needs to pass Lambda's log filter; empty
// where lines without a level pass, since they count as INFO.
func droppedLevel() string {
	if !strings.EqualFold(os.Getenv("AWS_LAMBDA_LOG_FORMAT"), "JSON") {
		return ""
	}
	switch level := strings.ToUpper(os.Getenv("AWS_LAMBDA_LOG_LEVEL")); level {
	case "WARN", "ERROR", "FATAL":
		return level
	}
	return ""
}

func (m *Meter) switchedOff(option *bool) bool {
	if option != nil {
		return *option
	}
	for _, name := range []string{"POWERTOOLS_METRICS_DISABLED", "POWERTOOLS_DEV"} {
		v, ok, err := env.Bool(name)
		if err != nil {
			m.problem(name, "%w", err)
		}
		if ok {
			return v
		}
	}
	return false
}

// problem reports once for each key.
func (m *Meter) problem(key, format string, args ...any) {
	m.report.Once(key, fmt.Errorf("metrics: "+format, args...))
}

// shortened returns a name, or the start of one that is longer than any that CloudWatch takes,
// so that the keys of reports that are remembered stay small.
func shortened(name string) string { return strings.Clone(name[:min(len(name), maxMetricName)]) }

func (m *Meter) oddPairs(last string) {
	m.problem("odd "+shortened(last), "dimensions are pairs of name and value; the last name %.60q has no value and is left out", last)
}

func (m *Meter) appendPairs(dst []label, pairs []string) []label {
	if len(pairs)%2 != 0 {
		m.oddPairs(pairs[len(pairs)-1])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		dst = append(dst, label{pairs[i], pairs[i+1]})
	}
	return dst
}

// metric returns the one of a name; nil where the name cannot be used.
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
	name = strings.Clone(name) // it may be part of something large
	x := &metric{name: name}
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

	x.key = metricKey{name, unit, high}
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.metrics[x.key]; ok {
		return known
	}
	if len(m.metrics) < maxKnown {
		m.metrics[x.key] = x
	}
	return x
}

func (m *Meter) highResolution(x *metric) *metric { return m.metric(x.name, x.key.unit, true) }

// writeOne writes a document with one value; sc may be nil.
func (m *Meter) writeOne(sc *scope, b *bound, l *labels, x *metric, value float64, md []metadata) {
	c := collectors.Get().(*collector)
	c.record(b, l, x, value, false)
	if sc != nil {
		sc.write(c, md)
		return
	}
	m.write(nil, "", c, nil, time.Now())
	c.release()
}
