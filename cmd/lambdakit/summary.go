package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// summary is what metrics come to over several invocations.
type summary struct {
	order  []string
	series map[string]*summarySeries
}

type summarySeries struct {
	namespace, name, unit, dimensions string
	values                            []float64
}

// maxSummary bounds the values that are kept of a metric; later ones are not counted.
const maxSummary = 1_000_000

func (s *summary) add(namespace, name, unit, dimensions string, values []float64) {
	key := strings.Join([]string{namespace, name, unit, dimensions}, "\x00")
	x := s.series[key]
	if x == nil {
		if s.series == nil {
			s.series = make(map[string]*summarySeries)
		}
		x = &summarySeries{namespace: namespace, name: name, unit: unit, dimensions: dimensions}
		s.series[key] = x
		s.order = append(s.order, key)
	}
	if len(x.values) < maxSummary {
		x.values = append(x.values, values...)
	}
}

// table returns count, minimum, average, 99th percentile and maximum of each metric.
func (s *summary) table() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "count\tmin\tavg\tp99\tmax\t  metric")
	for _, key := range s.order {
		x := s.series[key]
		slices.Sort(x.values)
		n := len(x.values)
		if n == 0 {
			continue
		}
		sum := 0.0
		for _, v := range x.values {
			sum += v
		}
		p99 := x.values[int(math.Ceil(float64(n)*0.99))-1]
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t  %s %s  %s  %s\n", n, number(x.values[0]), number(sum/float64(n)), number(p99), number(x.values[n-1]),
			x.namespace, x.name, x.unit, x.dimensions)
	}
	table.Flush()
	return b.String()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
