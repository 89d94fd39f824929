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

// emf is a document, decoded and checked.
type emf struct {
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
func (d *emf) key() string {
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
func documents(t testing.TB, b []byte) []*emf {
	t.Helper()
	var all []*emf
	for line := range bytes.Lines(b) {
		jsontest.Collect("emf", line) // for internal/schematest
		for _, problem := range jsontest.Problems(line) {
			t.Errorf("%s: %.500s", problem, line)
		}
		var doc struct {
			AWS struct {
				Timestamp         *int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct {
						Name, Unit        string
						StorageResolution int
					}
				}
			} `json:"_aws"`
		}
		d := &emf{dimensionValues: map[string]string{}, units: map[string]string{}, values: map[string][]float64{}, size: len(line)}
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		json.Unmarshal(line, &d.root)
		if strings.Count(string(line), `"_aws"`) != 1 || doc.AWS.Timestamp == nil || len(doc.AWS.CloudWatchMetrics) != 1 {
			t.Fatalf("got %s, want one directive", line)
		}
		directive := doc.AWS.CloudWatchMetrics[0]
		d.stamp, d.namespace, d.dimensions = *doc.AWS.Timestamp, directive.Namespace, directive.Dimensions
		if n := len(directive.Metrics); n < 1 || n > 100 || len(d.dimensions) == 0 || d.namespace == "" {
			t.Fatalf("got %d metrics, want 1 to 100, a namespace and sets: %s", n, line)
		}
		for _, set := range d.dimensions {
			if len(set) > 30 {
				t.Fatalf("got %d dimensions, want at most 30: %s", len(set), line)
			}
			for _, name := range set {
				value, ok := d.root[name].(string)
				if !ok || value == "" || len(value) > 1024 || strings.TrimSpace(value) == "" {
					t.Fatalf("dimension %q: got %v, want a text of 1 to 1,024 bytes: %s", name, d.root[name], line)
				}
				d.dimensionValues[name] = value
			}
		}
		for _, m := range directive.Metrics {
			if _, ok := d.units[m.Name]; ok || m.Name == "" || len(m.Name) > 255 || d.dimensionValues[m.Name] != "" {
				t.Fatalf("got the metric %q, want one metric of a name that no dimension has: %s", m.Name, line)
			}
			d.units[m.Name] = m.Unit
			if _, err := metrics.ParseUnit(m.Unit); err != nil {
				t.Fatal(err)
			}
			if m.StorageResolution == 1 {
				d.high = append(d.high, m.Name)
			}
			switch v := d.root[m.Name].(type) {
			case float64:
				d.values[m.Name] = []float64{v}
			case []any:
				if len(v) < 2 || len(v) > 100 {
					t.Fatalf("got a list of %d values, want 2 to 100: %s", len(v), line)
				}
				for _, x := range v {
					d.values[m.Name] = append(d.values[m.Name], x.(float64))
				}
			default:
				t.Fatalf("metric %q: got %v, want numbers: %s", m.Name, v, line)
			}
		}
		for name, values := range d.values {
			if slices.ContainsFunc(values, refused) {
				t.Errorf("metric %q: got %v, want values that CloudWatch takes", name, values)
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
func run(t testing.TB, o metrics.Options, fn func(ctx context.Context, m *metrics.Meter) error) ([]*emf, []string) {
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
