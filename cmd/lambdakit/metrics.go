package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

const (
	maxCell     = 200     // characters of a cell in the table of metrics
	maxSetsText = 8 << 10 // bytes of the dimension sets of a directive
	maxNameText = 250     // characters of the name of a dimension
	maxValText  = 1024    // characters of the value of a dimension
)

// metrics shows a document in Embedded Metric Format as a table. What CloudWatch refuses is
// marked with the reason, and does not count in the summary.
func (s *screen) metrics(line []byte) {
	doc := emf.Read(line)
	t := s.text()
	mark := func(subject string, list ...string) {
		for _, p := range list {
			t.paint(red, oneLine("CloudWatch refuses "+subject+": "+p))
			t.add("\n")
		}
	}
	problems := doc.Problems
	if p := doc.TimestampProblem(time.Now()); p != "" {
		problems = append(emf.Problems{p}, problems...)
	}
	mark("this metrics document", problems...)
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range doc.Directives {
		mark("the metrics of "+cut(d.Namespace, maxCell), d.Problems...)
		sets := dimensionSets(d.Dimensions)
		for _, m := range d.Metrics {
			mark("the metric "+cut(m.Name, maxCell), m.Problems...)
			label := "metric"
			if len(problems)+len(d.Problems)+len(m.Problems) > 0 {
				label = "refused"
			} else {
				s.summary.add(d.Namespace, m.Name, m.Unit, sets, m.Values)
			}
			value, resolution := string(m.Value), ""
			if value == "" {
				value = "missing"
			}
			if m.HighResolution {
				resolution = "1 s"
			}
			for _, cell := range []string{label, d.Namespace, m.Name, value, m.Unit, sets} {
				fmt.Fprint(table, oneLine(cut(cell, maxCell)), "\t")
			}
			fmt.Fprintln(table, resolution)
		}
	}
	table.Flush()
	for line := range strings.Lines(b.String()) {
		code := bold
		if strings.HasPrefix(line, "refused") {
			code = red
		}
		t.paint(code, strings.TrimRight(line, " \n"))
		t.add("\n")
	}
	if doc.Cut {
		t.paint(yellow, "(the document has more metrics or dimensions than are shown)")
		t.add("\n")
	}
	s.show(t)
}

// dimensionSets returns the text of dimension sets, such as "{service=orders} {}".
func dimensionSets(sets [][]emf.Dimension) string {
	var all []string
	size, more := 0, false
	for _, set := range sets {
		var pairs []string
		for _, d := range set {
			if size < maxSetsText {
				pairs = append(pairs, cut(d.Name, maxNameText)+"="+cut(jsonscan.Text(d.Value), maxValText))
				size += len(pairs[len(pairs)-1])
			}
		}
		switch size += len("{}"); {
		case size < maxSetsText || len(pairs) > 0:
			all = append(all, "{"+strings.Join(pairs, ", ")+"}")
		case !more:
			all, more = append(all, "…"), true
		}
	}
	return strings.Join(all, " ")
}
