package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// emf returns a valid document after some replacements of its text.
func emf(replacements ...string) string {
	doc := fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],`+
		`"Metrics":[{"Name":"Orders","Unit":"Count","StorageResolution":60}]}]},"service":"orders","Orders":5}`, now.UnixMilli())
	return strings.NewReplacer(replacements...).Replace(doc)
}

// problems returns everything that CloudWatch refuses in a document.
func problems(t *testing.T, text string) string {
	t.Helper()
	root := parseDocument([]byte(text))
	if root == nil {
		t.Fatalf("not JSON: %.300s", text)
	}
	doc := readEMF(root, now)
	all := doc.problems
	for _, d := range doc.directives {
		all = append(all, d.problems...)
		for _, m := range d.metrics {
			all = append(all, m.problems...)
		}
	}
	return strings.Join(all, "; ")
}

func many(n int, format string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i))
	}
	return strings.Join(parts, ",")
}

func TestEMF_ValidDocuments(t *testing.T) {
	t.Parallel()
	ms := func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
	at := ms(now)
	for _, doc := range []string{
		emf(),
		emf(at, ms(now.Add(-14*24*time.Hour))),
		emf(at, ms(now.Add(2*time.Hour))),
		emf("Shop", "aA0.-_/#: b"),
		emf("Shop", strings.Repeat("n", 255)),
		emf(`[["service"]]`, `[[]]`),
		emf(`[["service"]]`, `[[],["service"]]`),
		emf(`"orders"`, `"`+strings.Repeat("v", 1024)+`"`),
		emf(`,"Unit":"Count"`, ``),
		emf(`"Count"`, `"Bytes/Second"`),
		emf(`"StorageResolution":60`, `"StorageResolution":1`),
		emf(`,"StorageResolution":60`, ``),
		emf(`"Orders":5`, `"Orders":[1,2.5,-3e10,0]`),
		emf(`"Orders":5`, `"Orders":[`+many(100, "#")+`]`),
		emf(`"Orders":5`, `"Orders":{"Max":1,"Min":1,"Count":1,"Sum":1}`),
		emf(`"Orders":5`, `"Orders":2.3e108`),
		emf(`"Orders":5`, `"Orders":4.3e-109`),
		emf(`"Orders"`, `"`+strings.Repeat("m", 255)+`"`),
		emf(`[{"Name":"Orders","Unit":"Count","StorageResolution":60}]`, `[`+many(100, `{"Name":"Orders"}`)+`]`),
		emf(`{"_aws"`, `{"anything":[{}],"level":"INFO","_aws"`),
		emf(`[["service"]]`, `[[`+many(30, `"d#"`)+`]]`, `"Orders":5`, `"Orders":5,`+many(30, `"d#":"v"`)),
	} {
		if got := problems(t, doc); got != "" {
			t.Errorf("%.300s: got %q, want no problem", doc, got)
		}
	}
}

func TestEMF_DocumentsThatCloudWatchRefuses(t *testing.T) {
	t.Parallel()
	ms := func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
	at := ms(now)
	for _, c := range []struct{ doc, want string }{
		{`{"_aws":1}`, "_aws is not an object"},
		{`{"_aws":null}`, "_aws is not an object"},
		{`{"_aws":{"CloudWatchMetrics":[]}}`, "Timestamp is not an integer"},
		{emf(at, `"`+at+`"`), "Timestamp is not an integer"},
		{emf(at, at+".5"), "Timestamp is not an integer"},
		{emf(at, "null"), "Timestamp is not an integer"},
		{emf(`"Timestamp"`, `"timestamp"`), "Timestamp is not an integer"},
		{emf(at, fmt.Sprint(now.Unix())), "is in seconds"},
		{emf(at, fmt.Sprint(now.UnixMicro())), "is not in milliseconds"},
		{emf(at, fmt.Sprint(now.UnixNano())), "is not in milliseconds"},
		{emf(at, ms(now.Add(-14*24*time.Hour-time.Millisecond))), "more than 14 days old"},
		{emf(at, ms(now.Add(2*time.Hour+time.Millisecond))), "more than 2 hours ahead"},
		{emf(`"CloudWatchMetrics"`, `"cloudWatchMetrics"`), "CloudWatchMetrics is not an array"},
		{fmt.Sprintf(`{"_aws":{"Timestamp":%s,"CloudWatchMetrics":{}}}`, at), "CloudWatchMetrics is not an array"},
		{fmt.Sprintf(`{"_aws":{"Timestamp":%s,"CloudWatchMetrics":[1]}}`, at), "element of CloudWatchMetrics"},
		{fmt.Sprintf(`{"_aws":{"Timestamp":%s,"CloudWatchMetrics":[null]}}`, at), "element of CloudWatchMetrics"},
		{emf(`"Namespace":"Shop",`, ``), "Namespace is not a text"},
		{emf(`"Shop"`, `1`), "Namespace is not a text"},
		{emf(`"Shop"`, `" "`), "Namespace is not a text"},
		{emf("Shop", "AWS/Lambda"), "are reserved"},
		{emf("Shop", "Shop!"), "characters other than"},
		{emf("Shop", ":Shop"), "characters other than"},
		{emf("Shop", strings.Repeat("n", 256)), "more than 255"},
		{emf(`[["service"]]`, `[]`), "Dimensions is not"},
		{emf(`[["service"]]`, `["service"]`), "element of Dimensions"},
		{emf(`[["service"]]`, `[null]`), "element of Dimensions"},
		{emf(`"Dimensions":[["service"]],`, ``), "Dimensions is not"},
		{emf(`[["service"]]`, `[[1]]`), "dimension name is not a text"},
		{emf(`[["service"]]`, `[["customer"]]`), `dimension "customer" is not defined`},
		{emf(`[["service"]]`, `[["service"],["service","customer"]]`), `dimension "customer" is not defined`},
		{emf(`"orders"`, `5`), "value that is not a text: 5"},
		{emf(`"orders"`, `""`), "blank or not printable"},
		{emf(`"orders"`, `"é"`), "blank or not printable"},
		{emf(`"orders"`, `"a\n"`), "blank or not printable"},
		{emf(`"orders"`, `"`+strings.Repeat("v", 1025)+`"`), "more than 1024"},
		{emf("service", ":service"), "begins with :"},
		{emf("service", "sérvice"), "not printable ASCII"},
		{emf("service", strings.Repeat("d", 251)), "more than 250"},
		{emf(`[["service"]]`, `[[`+many(31, `"d#"`)+`]]`, `"Orders":5`, `"Orders":5,`+many(31, `"d#":"v"`)), "31 dimensions"},
		{emf(`"Metrics"`, `"metrics"`), "Metrics is not an array"},
		{emf(`[{"Name":"Orders","Unit":"Count","StorageResolution":60}]`, `[1]`), "element of Metrics"},
		{emf(`[{"Name":"Orders","Unit":"Count","StorageResolution":60}]`, `[`+many(101, `{"Name":"Orders"}`)+`]`), "101 metrics"},
		{emf(`"Name":"Orders",`, ``), "name is not a text"},
		{emf(`"Orders"`, `"`+strings.Repeat("m", 256)+`"`), "more than 255"},
		{emf(`"Orders"`, `"Örders"`), "name is not printable"},
		{emf(`"Count"`, `"ms"`), "unit ms does not exist"},
		{emf(`"Count"`, `"count"`), "unit count does not exist"},
		{emf(`"Count"`, `1`), "unit 1 does not exist"},
		{emf(`"StorageResolution":60`, `"StorageResolution":30`), "storage resolution is 30"},
		{emf(`"StorageResolution":60`, `"StorageResolution":"1"`), "storage resolution is"},
		{emf(`,"Orders":5`, ``), "no value of this name"},
		{emf(`"Orders":5`, `"Orders":"5"`), `the value "5" is not a number`},
		{emf(`"Orders":5`, `"Orders":null`), "null is not a number"},
		{emf(`"Orders":5`, `"Orders":true`), "true is not a number"},
		{emf(`"Orders":5`, `"Orders":[1,"2"]`), `"2" is not a number`},
		{emf(`"Orders":5`, `"Orders":[1,null]`), "null is not a number"},
		{emf(`"Orders":5`, `"Orders":[]`), "empty array"},
		{emf(`"Orders":5`, `"Orders":{"Max":1}`), "not a statistic set"},
		{emf(`"Orders":5`, `"Orders":[`+many(101, "#")+`]`), "101 values"},
		{emf(`"Orders":5`, `"Orders":2.4e108`), "beyond 2^360"},
		{emf(`"Orders":5`, `"Orders":-2.4e108`), "beyond 2^360"},
		{emf(`"Orders":5`, `"Orders":1e400`), "beyond 2^360"},
		{emf(`"Orders":5`, `"Orders":4.2e-109`), "closer to 0"},
	} {
		if got := problems(t, c.doc); !strings.Contains(got, c.want) {
			t.Errorf("%.300s: got %q, want %q", c.doc, got, c.want)
		}
	}
}

// live returns a document of this moment.
func live(replacements ...string) string {
	return emf(append([]string{fmt.Sprint(now.UnixMilli()), fmt.Sprint(time.Now().UnixMilli())}, replacements...)...)
}

func TestMetrics_RefusedOnesAreMarkedAndNotSummed(t *testing.T) {
	t.Parallel()
	s, out := testScreen()
	w := s.lines("")
	for _, doc := range []string{live(), live(`"Orders":5`, `"Orders":"5"`), live(`[["service"]]`, `[["customer"]]`), emf(fmt.Sprint(now.UnixMilli()), "1")} {
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

// TestEMF_WorkIsBounded reads documents of 1 MB in which a value counts many times.
func TestEMF_WorkIsBounded(t *testing.T) {
	t.Parallel()
	const n = 20_000
	long := `"` + strings.Repeat("v", 500_000) + `"`
	sets := func(doc emfDocument) (size int) {
		for _, d := range doc.directives {
			size += len(strings.Join(d.dimensions, " "))
		}
		return size
	}
	for name, text := range map[string]string{
		"dimension sets":    emf(`[["service"]]`, "["+many(n, `["service"]`)+"]", `"orders"`, long),
		"empty sets":        emf(`[["service"]]`, "["+many(n, `[]`)+"]"),
		"names of a set":    emf(`[["service"]]`, "[["+many(n, `"service"`)+"]]", `"orders"`, long),
		"metrics":           emf(`"Metrics":[`, `"Metrics":[`+many(n, `{"Name":"Orders"}`)+",", `"Orders":5`, `"Orders":[`+many(100_000, "1")+"]"),
		"directives":        emf(`[{"Namespace"`, "["+many(n, `{}`)+`,{"Namespace"`),
		"elements":          emf(`[{"Namespace"`, "["+many(n, `1`)+`,{"Namespace"`),
		"long set names":    emf(`[["service"]]`, "[["+long+"]]"),
		"names not strings": emf(`[["service"]]`, "[[["+long+"]]]"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := parseDocument([]byte(text))
			doc := readEMF(root, now)
			items := len(doc.directives)
			for _, d := range doc.directives {
				items += len(d.metrics)
			}
			if size := sets(doc); size > 3*maxSetsText || items > maxEMFWork/emfItemWork {
				t.Errorf("got %d bytes of dimension sets and %d directives and metrics, want at most %d and %d", size, items, 3*maxSetsText, maxEMFWork/emfItemWork)
			}
			var out strings.Builder
			newScreen(&out, false, func() { t.Error("the screen broke") }).metrics(root)
			if lines, most := strings.Count(out.String(), "\n"), 4*maxEMFWork/emfItemWork; lines > most {
				t.Errorf("got %d lines, want at most %d", lines, most)
			}
			for line := range strings.Lines(out.String()) {
				if len(line) > 10_000 {
					t.Errorf("got a line of %d bytes, want a short one: %.100s", len(line), line)
				}
			}
			if doc.cut != strings.Contains(out.String(), "more metrics or dimensions than are shown") {
				t.Errorf("got cut %v and no word of it, or the reverse", doc.cut)
			}
		})
	}
}

func TestMetrics_CellsAreBounded(t *testing.T) {
	t.Parallel()
	got := shown(live(`"Orders":5`, `"Orders":[`+many(100, "123456789#")+`]`))
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
