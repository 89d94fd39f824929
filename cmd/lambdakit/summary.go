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
	n                                 int
	sum, min, max                     float64
	sample                            []float64 // the first of them, for the percentile
}

const maxSample = 1_000_000

func (s *summary) add(namespace, name, unit, dimensions string, values []float64) {
	key := strings.Join([]string{namespace, name, unit, dimensions}, "\x00")
	x := s.series[key]
	if x == nil {
		if s.series == nil {
			s.series = make(map[string]*summarySeries)
		}
		x = &summarySeries{namespace: namespace, name: name, unit: unit, dimensions: dimensions, min: math.Inf(1), max: math.Inf(-1)}
		s.series[key] = x
		s.order = append(s.order, key)
	}
	for _, v := range values {
		x.n++
		x.sum += v
		x.min, x.max = min(x.min, v), max(x.max, v)
	}
	if len(x.sample) < maxSample {
		x.sample = append(x.sample, values...)
	}
}

// table returns count, sum, minimum, average, 99th percentile and maximum of each metric.
func (s *summary) table() string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "count\tsum\tmin\tavg\tp99\tmax\t  metric")
	for _, key := range s.order {
		x := s.series[key]
		if x.n == 0 {
			continue
		}
		slices.Sort(x.sample)
		p99 := x.sample[int(math.Ceil(float64(len(x.sample))*0.99))-1]
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t  %s %s  %s  %s\n", x.n, number(x.sum), number(x.min), number(x.sum/float64(x.n)), number(p99), number(x.max),
			x.namespace, x.name, x.unit, x.dimensions)
	}
	table.Flush()
	return b.String()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
