package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
)

// metricDocument returns a metric document of this moment after some replacements of its text.
func metricDocument(replacements ...string) string {
	doc := fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],`+
		`"Metrics":[{"Name":"Orders","Unit":"Count","StorageResolution":60}]}]},"service":"orders","Orders":5}`, time.Now().UnixMilli())
	return strings.NewReplacer(replacements...).Replace(doc)
}

func many(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
	}
	return strings.Join(parts, ",")
}

func TestMetrics_RefusedOnesAreMarkedAndNotSummed(t *testing.T) {
	t.Parallel()
	s, out := testScreen()
	w := s.lines("")
	for _, doc := range []string{metricDocument(), metricDocument(`"Orders":5`, `"Orders":"5"`), metricDocument(`[["service"]]`, `[["customer"]]`), metricDocument(`"Timestamp":`, `"Timestamp":1,"then":`)} {
		io.WriteString(w, doc+"\n")
	}
	contains(t, out.String(),
		"metric  Shop  Orders  5  Count  {service=orders}\n",
		"CloudWatch refuses the metric Orders: the value \"5\" is not a number\nrefused  Shop  Orders  \"5\"  Count  {service=orders}\n",
		"CloudWatch refuses the metrics of Shop: dimension \"customer\" is not defined in the document\nrefused  Shop  Orders  5  Count  {customer=}\n",
		"CloudWatch refuses this metrics document: Timestamp 1 is more than 14 days old\nrefused  Shop")
	for _, series := range s.summary.series {
		if series.n != 1 {
			t.Errorf("%d values are summed up, want 1", series.n)
		}
	}
}

// TestMetrics_WorkIsBounded reads documents of 1 MB in which a value counts many times.
func TestMetrics_WorkIsBounded(t *testing.T) {
	t.Parallel()
	const n = 20_000
	long := `"` + strings.Repeat("v", 500_000) + `"`
	for name, text := range map[string]string{
		"dimension sets":    metricDocument(`[["service"]]`, "["+many(n, `["service"]`)+"]", `"orders"`, long),
		"empty sets":        metricDocument(`[["service"]]`, "["+many(n, `[]`)+"]"),
		"names of a set":    metricDocument(`[["service"]]`, "[["+many(n, `"service"`)+"]]", `"orders"`, long),
		"metrics":           metricDocument(`"Metrics":[`, `"Metrics":[`+many(n, `{"Name":"Orders"}`)+",", `"Orders":5`, `"Orders":[`+many(100_000, "1")+"]"),
		"directives":        metricDocument(`[{"Namespace"`, "["+many(n, `{}`)+`,{"Namespace"`),
		"elements":          metricDocument(`[{"Namespace"`, "["+many(n, `1`)+`,{"Namespace"`),
		"long set names":    metricDocument(`[["service"]]`, "[["+long+"]]"),
		"names not strings": metricDocument(`[["service"]]`, "[[["+long+"]]]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := emf.Read([]byte(text))
			items, size := len(doc.Directives), 0
			for _, d := range doc.Directives {
				items += len(d.Metrics)
				size += len(dimensionSets(d.Dimensions))
			}
			if size > 3*maxSetsText || items > emf.MaxWork/emf.ItemWork {
				t.Errorf("got %d bytes of dimension sets and %d directives and metrics, want at most %d and %d", size, items, 3*maxSetsText, emf.MaxWork/emf.ItemWork)
			}
			var out strings.Builder
			newScreen(&out, false, func() { t.Error("the screen broke") }).metrics([]byte(text))
			if lines, most := strings.Count(out.String(), "\n"), 4*emf.MaxWork/emf.ItemWork; lines > most {
				t.Errorf("got %d lines, want at most %d", lines, most)
			}
			for line := range strings.Lines(out.String()) {
				if len(line) > 10_000 {
					t.Errorf("got a line of %d bytes, want a short one: %.100s", len(line), line)
				}
			}
			if doc.Cut != strings.Contains(out.String(), "more metrics or dimensions than are shown") {
				t.Errorf("got cut %v and no word of it, or the reverse", doc.Cut)
			}
		})
	}
}

func TestMetrics_CellsAreBounded(t *testing.T) {
	t.Parallel()
	got := shown(metricDocument(`"Orders":5`, `"Orders":[`+many(100, "123456789#")+`]`))
	for line := range strings.Lines(got) {
		if len(line) > 2*maxCell {
			t.Errorf("a row has %d bytes", len(line))
		}
	}
}

func TestSummary_IsBounded(t *testing.T) {
	t.Parallel()
	var s summary
	for i := range maxSeries + 3 {
		s.add("n", fmt.Sprint(i), "", "", []float64{1})
	}
	if len(s.series) != maxSeries || len(s.order) != maxSeries || s.dropped != 3 {
		t.Errorf("got %d series and %d dropped values, want %d and 3", len(s.series), s.dropped, maxSeries)
	}
	values := make([]float64, maxSamples)
	s.add("n", "0", "", "", values)
	s.add("n", "1", "", "", values)
	kept := 0
	for _, x := range s.series {
		kept += len(x.sample)
	}
	if kept != maxSamples || s.series[s.order[1]].n != 1+maxSamples {
		t.Errorf("%d values are kept, want %d, and all counted", kept, maxSamples)
	}
	contains(t, s.table(), "(3 values of metrics beyond 10000)")
}

func TestSummary_PercentileWithoutAKeptValue(t *testing.T) {
	t.Parallel()
	s := summary{samples: maxSamples}
	s.add("n", "m", "Count", "{}", []float64{1, 3})
	contains(t, s.table(), "2    4    1    2    -    3  n m  Count  {}")
}
