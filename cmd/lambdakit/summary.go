package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// summary is the sum of the metrics of several invocations.
type summary struct {
	order   []string
	series  map[string]*summarySeries
	samples int // values kept for percentiles, of all series
	dropped int // values beyond maxSeries
}

type summarySeries struct {
	namespace, name, unit, dimensions string
	n                                 int
	sum, min, max                     float64
	sample                            []float64 // the first values, for the percentile
}

// Bounds of a long run.
const (
	maxSeries  = 10_000    // metrics with their dimensions
	maxSamples = 1_000_000 // values kept for percentiles
)

func (s *summary) add(namespace, name, unit, dimensions string, values []float64) {
	key := strings.Join([]string{namespace, name, unit, dimensions}, "\x00")
	x := s.series[key]
	if x == nil {
		if len(s.series) == maxSeries {
			s.dropped += len(values)
			return
		}
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
	kept := values[:min(len(values), maxSamples-s.samples)]
	x.sample = append(x.sample, kept...)
	s.samples += len(kept)
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
		p99 := "-"
		if n := len(x.sample); n > 0 {
			p99 = number(x.sample[int(math.Ceil(float64(n)*0.99))-1])
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t  %s\n", x.n, number(x.sum), number(x.min), number(x.sum/float64(x.n)), p99, number(x.max),
			oneLine(strings.Join([]string{x.namespace + " " + x.name, x.unit, cut(x.dimensions, maxCell)}, "  ")))
	}
	table.Flush()
	if s.dropped > 0 {
		fmt.Fprintf(&b, "(%d values of metrics beyond %d)\n", s.dropped, maxSeries)
	}
	return b.String()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
