package cloudwatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Observation is the output of a function in a run, reduced to the parts that a fragment is made of. Its
// lists are sorted and have no duplicates.
type Observation struct {
	Function string   // name of the function in the run; empty if no line has it
	Metrics  []Metric // each with its dimensions
	Fields   []string // scalar fields of log lines that are the function's own, such as order.id
	Toolkit  []string // fields of the toolkit in log lines, of the list Fields
	Messages []string // fixed messages of the toolkit in log lines, of the list Messages
	Sources  []Source // event sources, by the events

	Queue string // name of the SQS queue in the events, if they name one

	Events   int // that were sent; 0 if the lines come from a file
	Failed   bool
	Lines    int // log lines that are JSON
	Failures int // log lines at ERROR or FATAL

	Refused int // metrics that CloudWatch refuses
	Dropped int // metrics and fields beyond the bounds of a Collector
	Odd     int // fields that a query cannot name
	Unsafe  int // metrics and fields with text that CloudFormation would replace by a secret
	Skipped int // lines over maxLine
}

// Metric is a metric with its dimensions: what CloudWatch counts and charges for.
type Metric struct {
	Namespace, Name, Unit string
	Dimensions            []Dimension // sorted by name
	Lists                 bool        // a document had a list of values, so no query can compute with it
}

// Dimension is a dimension of a metric.
type Dimension struct{ Name, Value string }

// series returns the metric as a line: Shop OrdersAccepted {channel=web, service=orders}.
func (m Metric) series() string {
	var pairs []string
	for _, d := range m.Dimensions {
		pairs = append(pairs, d.Name+"="+d.Value)
	}
	return m.Namespace + " " + m.Name + " {" + strings.Join(pairs, ", ") + "}"
}

// set returns the names of the dimensions.
func (m Metric) set() string {
	var names []string
	for _, d := range m.Dimensions {
		names = append(names, d.Name)
	}
	return strings.Join(names, "\x00")
}

func compareMetrics(a, b Metric) int {
	return cmp.Or(
		cmp.Compare(a.Namespace, b.Namespace),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.set(), b.set()),
		slices.CompareFunc(a.Dimensions, b.Dimensions, func(x, y Dimension) int { return cmp.Compare(x.Value, y.Value) }),
	)
}

// has reports whether log lines have a field of the toolkit.
func (o *Observation) has(field string) bool { return slices.Contains(o.Toolkit, field) }

// logs reports whether log lines have the fields of package logging.
func (o *Observation) logs() bool { return o.has("function_request_id") && o.has("message") }

// Summary describes the run in one line.
func (o *Observation) Summary() string {
	names, sets := make(map[[2]string]bool), make(map[string]bool)
	for _, m := range o.Metrics {
		names[[2]string{m.Namespace, m.Name}] = true
		sets[m.set()] = true
	}
	text := fmt.Sprintf("%s in %s, %s", plural(len(names), "metric"), plural(len(sets), "dimension set"), plural(len(o.Fields), "own field"))
	if o.Events > 0 {
		text += ", " + plural(o.Events, "event")
	} else {
		text += ", " + plural(o.Lines, "log line")
	}
	if !o.Failed && o.Failures == 0 {
		return text + "; nothing failed, so no failure fields were seen"
	}
	return text + "; " + plural(o.Failures, "line") + " about failures"
}

// plural returns a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
