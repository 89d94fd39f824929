package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/internal/jsontest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

// TestMain clears the environment variables that package metrics reads.
func TestMain(m *testing.M) {
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "POWERTOOLS_") || strings.HasPrefix(name, "AWS_LAMBDA_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// document is a metric document, decoded and checked.
type document struct {
	stamp           int64
	namespace       string
	dimensions      [][]string
	dimensionValues map[string]string
	units           map[string]string
	high            []string
	values          map[string][]float64
	root            map[string]any
	size            int
}

// key identifies what the document's metrics are recorded under.
func (d *document) key() string {
	var sets []string
	for _, set := range d.dimensions {
		var names []string
		for _, n := range set {
			names = append(names, n+"="+d.dimensionValues[n])
		}
		slices.Sort(names)
		sets = append(sets, strings.Join(names, ","))
	}
	return strings.Join(sets, "|")
}

// documents decodes the documents of an output and fails the test for each one that
// CloudWatch would refuse. The module internal/schematest checks them against the schema of EMF.
func documents(t testing.TB, b []byte) []*document {
	t.Helper()
	var all []*document
	for line := range bytes.Lines(b) {
		jsontest.Collect("emf", line) // for internal/schematest
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
		d := &document{
			stamp: doc.Timestamp.UnixMilli(), namespace: directive.Namespace, dimensionValues: map[string]string{},
			units: map[string]string{}, values: map[string][]float64{}, size: len(line),
		}
		json.Unmarshal(line, &d.root)
		for _, set := range directive.Dimensions {
			names := []string{}
			for _, dimension := range set {
				names = append(names, dimension.Name)
				d.dimensionValues[dimension.Name] = d.root[dimension.Name].(string)
			}
			d.dimensions = append(d.dimensions, names)
		}
		for _, m := range directive.Metrics {
			if _, ok := d.units[m.Name]; ok || d.dimensionValues[m.Name] != "" {
				t.Fatalf("got the metric %q, want one metric of a name that no dimension has: %s", m.Name, line)
			}
			problems := slices.DeleteFunc(m.Problems, func(p string) bool { return p == "the name is not printable ASCII" }) // see checkMetricName
			if len(problems) > 0 || len(m.Values) == 0 || len(m.Values) == 1 && m.Value[0] == '[' {
				t.Fatalf("metric %q: got %s and the problems %q, want a value, or a list of at least two: %s", m.Name, m.Value, problems, line)
			}
			d.units[m.Name], d.values[m.Name] = m.Unit, m.Values
			if m.HighResolution {
				d.high = append(d.high, m.Name)
			}
		}
		all = append(all, d)
	}
	return all
}

// refused reports whether CloudWatch refuses a value (PutMetricData, MetricDatum).
func refused(v float64) bool {
	return math.IsNaN(v) || math.Abs(v) > 0x1p360 || v != 0 && math.Abs(v) < 0x1p-360
}

// run runs fn in an invocation and returns its documents and reports.
func run(t testing.TB, o metrics.Options, fn func(ctx context.Context, m *metrics.Meter) error) ([]*document, []string) {
	t.Helper()
	var reported []string
	if o.OnError == nil {
		o.OnError = func(err error) { reported = append(reported, err.Error()) }
	}
	if o.Namespace == "" {
		o.Namespace = "Shop"
	}
	m := metrics.New(&o)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error { return fn(ctx, m) }, m.Middleware), `{}`)
	return documents(t, res.Output), reported
}
