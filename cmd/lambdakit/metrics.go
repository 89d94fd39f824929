package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

func (d document) isEMF() bool { return d.raw("_aws") != nil }

// maxCell is the number of characters of a cell in the table of metrics.
const maxCell = 200

// metrics shows a document in Embedded Metric Format as a table. What CloudWatch refuses is
// marked with the reason, and does not count in the summary.
func (s *screen) metrics(root document) {
	doc := readEMF(root, time.Now())
	t := s.text()
	mark := func(subject string, list problemList) {
		for _, p := range list {
			t.paint(red, oneLine("CloudWatch refuses "+subject+": "+p))
			t.add("\n")
		}
	}
	mark("this metrics document", doc.problems)
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range doc.directives {
		mark("the metrics of "+cut(d.namespace, maxCell), d.problems)
		sets := strings.Join(d.dimensions, " ")
		for _, m := range d.metrics {
			mark("the metric "+cut(m.name, maxCell), m.problems)
			label := "metric"
			if len(doc.problems)+len(d.problems)+len(m.problems) > 0 {
				label = "refused"
			} else {
				s.summary.add(d.namespace, m.name, m.unit, sets, m.values)
			}
			value, resolution := m.value, ""
			if value == "" {
				value = "missing"
			}
			if m.perSecond {
				resolution = "1 s"
			}
			for _, cell := range []string{label, d.namespace, m.name, value, m.unit, sets} {
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
	if doc.cut {
		t.paint(yellow, "(the document has more metrics or dimensions than are shown)")
		t.add("\n")
	}
	s.show(t)
}
