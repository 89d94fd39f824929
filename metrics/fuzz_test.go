package metrics_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/metrics"
)

// FuzzDocument writes documents with arbitrary names and values. CloudWatch takes each document,
// and a value that is left out is reported.
func FuzzDocument(f *testing.F) {
	f.Add("Shop", "Orders", "Count", "channel", "web", 1.5)
	f.Add("AWS/x", "", "x", ":a", "\x00", math.NaN())
	f.Add(" ", "_aws", "None", "_aws", " ", math.Inf(-1))
	f.Add("a", "channel", "Bytes", "channel", "é", 1e300)
	f.Add(":", "été", "None", "d", "v", 0.5)
	f.Fuzz(func(t *testing.T, namespace, name, unit, dimension, value string, v float64) {
		var b bytes.Buffer
		reported := 0
		m := metrics.New(&metrics.Options{Namespace: namespace, Writer: &b, OnError: func(error) { reported++ }})
		before := reported
		m.Single(t.Context(), name, metrics.Unit(unit), v, dimension, value, "fixed", "x")
		m.Single(t.Context(), "fine", metrics.Count, 1)
		docs := emftest.Decode(t, b.Bytes())
		fine := docs[len(docs)-1]
		if fine.Values["fine"] == nil || fine.Values["fine"][0] != 1 {
			t.Errorf("got %q, want the metric fine with 1", b.String())
		}
		if reported > before {
			return
		}
		if len(docs) != 2 {
			t.Fatalf("got %d documents and no report, want 2: %q", len(docs), b.String())
		}
		d := docs[0]
		if got := d.Values[name]; len(got) != 1 || got[0] != v || d.Units[name] != unit {
			t.Errorf("%q: got %v, want %v in %s", b.String(), got, v, unit)
		}
		if want := value; dimension != "fixed" && d.DimensionValues[dimension] != want {
			t.Errorf("%q: got dimension value %q, want %q", b.String(), d.DimensionValues[dimension], want)
		}
	})
}
