package metrics

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/internal/sink"
)

// Meter makes instruments and writes their metrics with one namespace and one set of default
// dimensions. Make one with [New]. It is safe for concurrent use.
type Meter struct {
	namespace []byte // a JSON string
	defaults  []dimension
	coldStart bool
	batches   bool
	function  string
	disabled  bool
	maxBytes  int
	level     string // that documents carry; empty for none
	out       *sink.Sink
	report    *report.Reporter

	mu      sync.RWMutex
	metrics map[metricKey]*metric
}

const (
	defaultMaxBytes  = 64_000
	smallestMaxBytes = 8_000
	largestMaxBytes  = 1_000_000 // (CloudWatch Logs quotas, event size)
)

// New returns a Meter. It never fails: it reports each mistake in o or in the environment
// through o.OnError, and says which value it uses instead.
func New(o *Options) *Meter {
	if o == nil {
		o = new(Options)
	}
	m := &Meter{
		coldStart: o.ColdStart,
		batches:   o.Batches,
		function:  cmp.Or(o.FunctionName, os.Getenv("POWERTOOLS_METRICS_FUNCTION_NAME")),
		report:    report.New(o.OnError),
		metrics:   make(map[metricKey]*metric),
	}
	m.out = sink.New(o.Writer, "metrics", m.report)
	if m.disabled = m.isDisabled(o.Disabled); m.disabled {
		return m
	}
	m.maxBytes = m.documentBytes(o.MaxDocumentBytes)
	m.namespace = jsonenc.AppendString(nil, m.validNamespace(o.Namespace))
	if !o.DisableLevel {
		m.level = filterLevel()
	}
	var defaults []dimension
	if service := cmp.Or(o.Service, env.Text("POWERTOOLS_SERVICE_NAME")); service != "" {
		defaults = append(defaults, dimension{"service", service})
	}
	for _, name := range slices.Sorted(maps.Keys(o.Dimensions)) {
		defaults = append(defaults, dimension{name, o.Dimensions[name]})
	}
	m.defaults = m.checkedSet(defaults)
	return m
}

// isDisabled returns the option, or the switch of the environment.
func (m *Meter) isDisabled(option *bool) bool {
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

// documentBytes returns the option, or the nearest size that is possible.
func (m *Meter) documentBytes(option int) int {
	n := cmp.Or(option, defaultMaxBytes)
	if n < smallestMaxBytes {
		m.problem("size", "MaxDocumentBytes %d is too small for a document; using %d", n, smallestMaxBytes)
		return smallestMaxBytes
	}
	if n > largestMaxBytes {
		m.problem("size", "MaxDocumentBytes %d is more than CloudWatch Logs takes as one event; using %d", n, largestMaxBytes)
		return largestMaxBytes
	}
	return n
}

// validNamespace returns the namespace of the option or of the environment, or the default.
func (m *Meter) validNamespace(option string) string {
	ns := cmp.Or(option, os.Getenv("POWERTOOLS_METRICS_NAMESPACE"))
	if ns == "" {
		m.problem("namespace", "no namespace: set Options.Namespace or POWERTOOLS_METRICS_NAMESPACE; using %q", DefaultNamespace)
		return DefaultNamespace
	}
	if err := checkNamespace(ns); err != nil {
		m.problem("namespace", "namespace %q %v; using %q", ns, err, DefaultNamespace)
		return DefaultNamespace
	}
	return ns
}

// filterLevel returns the level that a line needs to pass Lambda's log filter, or "" if lines
// without a level pass. The filter treats those as INFO.
func filterLevel() string {
	if !execenv.LogsJSON() {
		return ""
	}
	switch level := strings.ToUpper(os.Getenv("AWS_LAMBDA_LOG_LEVEL")); level {
	case "WARN", "ERROR", "FATAL":
		return level
	}
	return ""
}

// problem reports an error once for each key.
func (m *Meter) problem(key, format string, args ...any) {
	m.report.Once(key, fmt.Errorf("metrics: "+format, args...))
}

// shortened returns a name for the key of a report. It cuts a name that is longer than any
// valid name, so that the keys in memory stay small.
func shortened(name string) string { return strings.Clone(name[:min(len(name), maxMetricName)]) }
