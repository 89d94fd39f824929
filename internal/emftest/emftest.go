// Package emftest checks documents in the Embedded Metric Format in tests of package metrics. The module
// internal/schematest checks the same documents against the schema of the format.
package emftest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/jsontest"
)

// Document is a metric document, decoded and checked.
type Document struct {
	Timestamp       int64 // milliseconds since 1970
	Namespace       string
	Dimensions      [][]string        // the names of each dimension set
	DimensionValues map[string]string // by name
	Units           map[string]string // by the name of the metric
	Values          map[string][]float64
	HighResolution  []string // names of metrics
	Members         map[string]any
	Size            int // bytes
}

// Key identifies the dimension sets of the document, with their values.
func (d *Document) Key() string {
	var sets []string
	for _, set := range d.Dimensions {
		var names []string
		for _, n := range set {
			names = append(names, n+"="+d.DimensionValues[n])
		}
		slices.Sort(names)
		sets = append(sets, strings.Join(names, ","))
	}
	return strings.Join(sets, "|")
}

// Decode decodes the documents of an output, and collects them for internal/schematest. It fails the
// test for each one that CloudWatch would refuse.
func Decode(t testing.TB, output []byte) []*Document {
	t.Helper()
	var all []*Document
	for line := range bytes.Lines(output) {
		jsontest.Collect("emf", line)
		for _, problem := range jsontest.Problems(line) {
			t.Errorf("%s: %.500s", problem, line)
		}
		doc := emf.Read(line)
		if strings.Count(string(line), `"_aws"`) != 1 || len(doc.Problems) > 0 || len(doc.Directives) != 1 {
			t.Fatalf("got %d directives and the problems %q, want one directive and no problem: %s", len(doc.Directives), doc.Problems, line)
		}
		directive := doc.Directives[0]
		if len(directive.Problems) > 0 || len(directive.Metrics) == 0 {
			t.Fatalf("got %d metrics and the problems %q, want at least one metric and no problem: %s", len(directive.Metrics), directive.Problems, line)
		}
		d := &Document{
			Timestamp: doc.Timestamp.UnixMilli(), Namespace: directive.Namespace, DimensionValues: map[string]string{},
			Units: map[string]string{}, Values: map[string][]float64{}, Size: len(line),
		}
		json.Unmarshal(line, &d.Members)
		for _, set := range directive.Dimensions {
			names := []string{}
			for _, dimension := range set {
				names = append(names, dimension.Name)
				d.DimensionValues[dimension.Name] = d.Members[dimension.Name].(string)
			}
			d.Dimensions = append(d.Dimensions, names)
		}
		for _, m := range directive.Metrics {
			if _, ok := d.Units[m.Name]; ok || d.DimensionValues[m.Name] != "" {
				t.Fatalf("got the metric %q, want one metric of a name that no dimension has: %s", m.Name, line)
			}
			if len(m.Problems) > 0 || len(m.Values) == 0 || len(m.Values) == 1 && m.Value[0] == '[' {
				t.Fatalf("metric %q: got %s and the problems %q, want a value, or a list of at least two: %s", m.Name, m.Value, m.Problems, line)
			}
			d.Units[m.Name], d.Values[m.Name] = m.Unit, m.Values
			if m.HighResolution {
				d.HighResolution = append(d.HighResolution, m.Name)
			}
		}
		all = append(all, d)
	}
	return all
}
