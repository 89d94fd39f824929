package emf_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/emf"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// document returns a valid document after some replacements of its text.
func document(replacements ...string) string {
	doc := fmt.Sprintf(`{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"]],`+
		`"Metrics":[{"Name":"Orders","Unit":"Count","StorageResolution":60}]}]},"service":"orders","Orders":5}`, now.UnixMilli())
	return strings.NewReplacer(replacements...).Replace(doc)
}

// problems returns everything that CloudWatch refuses in a document.
func problems(text string) string {
	doc := emf.Read([]byte(text))
	all := doc.Problems
	if p := doc.TimestampProblem(now); p != "" {
		all = append(all, p)
	}
	for _, d := range doc.Directives {
		all = append(all, d.Problems...)
		for _, m := range d.Metrics {
			all = append(all, m.Problems...)
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

func TestRead_ValidDocuments(t *testing.T) {
	t.Parallel()
	ms := func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
	at := ms(now)
	for _, doc := range []string{
		document(),
		document(at, ms(now.Add(-14*24*time.Hour))),
		document(at, ms(now.Add(2*time.Hour))),
		document("Shop", "aA0.-_/#: b"),
		document("Shop", strings.Repeat("n", 255)),
		document(`[["service"]]`, `[[]]`),
		document(`[["service"]]`, `[[],["service"]]`),
		document(`"orders"`, `"`+strings.Repeat("v", 1024)+`"`),
		document(`,"Unit":"Count"`, ``),
		document(`"Count"`, `"Bytes/Second"`),
		document(`"StorageResolution":60`, `"StorageResolution":1`),
		document(`,"StorageResolution":60`, ``),
		document(`"Orders":5`, `"Orders":[1,2.5,-3e10,0]`),
		document(`"Orders":5`, `"Orders":[`+many(100, "#")+`]`),
		document(`"Orders":5`, `"Orders":{"Max":1,"Min":1,"Count":1,"Sum":1}`),
		document(`"Orders":5`, `"Orders":2.3e108`),
		document(`"Orders":5`, `"Orders":4.3e-109`),
		document(`"Orders"`, `"`+strings.Repeat("m", 255)+`"`),
		document(`"Orders"`, `"Örders"`),
		document(`[{"Name":"Orders","Unit":"Count","StorageResolution":60}]`, `[`+many(100, `{"Name":"Orders"}`)+`]`),
		document(`{"_aws"`, `{"anything":[{}],"level":"INFO","_aws"`),
		document(`[["service"]]`, `[[`+many(30, `"d#"`)+`]]`, `"Orders":5`, `"Orders":5,`+many(30, `"d#":"v"`)),
	} {
		if got := problems(doc); got != "" {
			t.Errorf("%.300s: got %q, want no problem", doc, got)
		}
	}
}

func TestRead_DocumentsThatCloudWatchRefuses(t *testing.T) {
	t.Parallel()
	ms := func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
	at := ms(now)
	for _, c := range []struct{ doc, want string }{
		{`{"_aws":1}`, "_aws is not an object"},
		{`{"_aws":null}`, "_aws is not an object"},
		{`{"_aws":{"CloudWatchMetrics":[]}}`, "Timestamp is not an integer"},
		{document(at, `"`+at+`"`), "Timestamp is not an integer"},
		{document(at, at+".5"), "Timestamp is not an integer"},
		{document(at, "null"), "Timestamp is not an integer"},
		{document(`"Timestamp"`, `"timestamp"`), "Timestamp is not an integer"},
		{document(at, fmt.Sprint(now.Unix())), "is in seconds"},
		{document(at, fmt.Sprint(now.UnixMicro())), "is not in milliseconds"},
		{document(at, fmt.Sprint(now.UnixNano())), "is not in milliseconds"},
		{document(at, ms(now.Add(-14*24*time.Hour-time.Millisecond))), "more than 14 days old"},
		{document(at, ms(now.Add(2*time.Hour+time.Millisecond))), "more than 2 hours ahead"},
		{document(`"CloudWatchMetrics"`, `"cloudWatchMetrics"`), "CloudWatchMetrics is not an array"},
		{fmt.Sprintf(`{"_aws":{"Timestamp":%s,"CloudWatchMetrics":{}}}`, at), "CloudWatchMetrics is not an array"},
		{fmt.Sprintf(`{"_aws":{"Timestamp":%s,"CloudWatchMetrics":[1]}}`, at), "element of CloudWatchMetrics"},
		{fmt.Sprintf(`{"_aws":{"Timestamp":%s,"CloudWatchMetrics":[null]}}`, at), "element of CloudWatchMetrics"},
		{document(`"Namespace":"Shop",`, ``), "Namespace is not a text"},
		{document(`"Shop"`, `1`), "Namespace is not a text"},
		{document(`"Shop"`, `" "`), "Namespace is not a text"},
		{document("Shop", "AWS/Lambda"), "are reserved"},
		{document("Shop", "Shop!"), "characters other than"},
		{document("Shop", strings.Repeat("n", 256)), "more than 255"},
		{document(`[["service"]]`, `[]`), "Dimensions is not"},
		{document(`[["service"]]`, `["service"]`), "element of Dimensions"},
		{document(`[["service"]]`, `[null]`), "element of Dimensions"},
		{document(`"Dimensions":[["service"]],`, ``), "Dimensions is not"},
		{document(`[["service"]]`, `[[1]]`), "dimension name is not a text"},
		{document(`[["service"]]`, `[["customer"]]`), `dimension "customer" is not defined`},
		{document(`[["service"]]`, `[["service"],["service","customer"]]`), `dimension "customer" is not defined`},
		{document(`"orders"`, `5`), "value that is not a text: 5"},
		{document(`"orders"`, `""`), "blank or not printable"},
		{document(`"orders"`, `"é"`), "blank or not printable"},
		{document(`"orders"`, `"a\n"`), "blank or not printable"},
		{document(`"orders"`, `"`+strings.Repeat("v", 1025)+`"`), "more than 1024"},
		{document("service", ":service"), "begins with :"},
		{document("service", "sérvice"), "not printable ASCII"},
		{document("service", strings.Repeat("d", 251)), "more than 250"},
		{document(`[["service"]]`, `[[`+many(31, `"d#"`)+`]]`, `"Orders":5`, `"Orders":5,`+many(31, `"d#":"v"`)), "31 dimensions"},
		{document(`"Metrics"`, `"metrics"`), "Metrics is not an array"},
		{document(`[{"Name":"Orders","Unit":"Count","StorageResolution":60}]`, `[1]`), "element of Metrics"},
		{document(`[{"Name":"Orders","Unit":"Count","StorageResolution":60}]`, `[`+many(101, `{"Name":"Orders"}`)+`]`), "101 metrics"},
		{document(`"Name":"Orders",`, ``), "name is not a text"},
		{document(`"Orders"`, `"`+strings.Repeat("m", 256)+`"`), "more than 255"},
		{document(`"Orders"`, `"a\u0007"`), "control characters"},
		{document(`"Shop"`, `":Shop"`), "begins with :"},
		{document(`"Count"`, `"ms"`), "unit ms does not exist"},
		{document(`"Count"`, `"count"`), "unit count does not exist"},
		{document(`"Count"`, `1`), "unit 1 does not exist"},
		{document(`"StorageResolution":60`, `"StorageResolution":30`), "storage resolution is 30"},
		{document(`"StorageResolution":60`, `"StorageResolution":"1"`), "storage resolution is"},
		{document(`,"Orders":5`, ``), "no value of this name"},
		{document(`"Orders":5`, `"Orders":"5"`), `the value "5" is not a number`},
		{document(`"Orders":5`, `"Orders":null`), "null is not a number"},
		{document(`"Orders":5`, `"Orders":true`), "true is not a number"},
		{document(`"Orders":5`, `"Orders":[1,"2"]`), `"2" is not a number`},
		{document(`"Orders":5`, `"Orders":[1,null]`), "null is not a number"},
		{document(`"Orders":5`, `"Orders":[]`), "empty array"},
		{document(`"Orders":5`, `"Orders":{"Max":1}`), "not a statistic set"},
		{document(`"Orders":5`, `"Orders":[`+many(101, "#")+`]`), "101 values"},
		{document(`"Orders":5`, `"Orders":2.4e108`), "beyond 2^360"},
		{document(`"Orders":5`, `"Orders":-2.4e108`), "beyond 2^360"},
		{document(`"Orders":5`, `"Orders":1e400`), "beyond 2^360"},
		{document(`"Orders":5`, `"Orders":4.2e-109`), "closer to 0"},
	} {
		if got := problems(c.doc); !strings.Contains(got, c.want) {
			t.Errorf("%.300s: got %q, want %q", c.doc, got, c.want)
		}
	}
}

func TestRead_ADocument(t *testing.T) {
	t.Parallel()
	doc := emf.Read([]byte(`{"_aws":{"Timestamp":1000,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[["service"],[]],` +
		`"Metrics":[{"Name":"a","Unit":"Count","StorageResolution":1},{"Name":"b"},{"Name":"c"},{"Name":"d"}]}]},` +
		`"service":"orders","a":[1,2.5],"b":3,"b":4,"c":{"Max":1,"Min":1,"Count":1,"Sum":1}}`))
	if doc.Malformed || doc.Cut || !doc.Timestamp.Equal(time.UnixMilli(1000)) || len(doc.Directives) != 1 {
		t.Fatalf("got %+v, want a whole document with one directive", doc)
	}
	d := doc.Directives[0]
	if got := fmt.Sprintf("%s %s", d.Namespace, d.Dimensions); got != `Shop [[{service "orders"}] []]` {
		t.Errorf("got %s, want the namespace Shop and two dimension sets", got)
	}
	for i, want := range []string{"a Count [1,2.5] [1 2.5] true", "b  3 [3] false", `c  {"Max":1,"Min":1,"Count":1,"Sum":1} [] false`, "d   [] false"} {
		m := d.Metrics[i]
		if got := fmt.Sprintf("%s %s %s %v %v", m.Name, m.Unit, m.Value, m.Values, m.HighResolution); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRead_MalformedDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want bool
	}{
		{document(), false},
		{document(`"Orders":5`, `"Orders":"5"`), false},
		{document(`"orders"`, `5`), false},
		{document(`"Unit":"Count",`, `"Unit":null,`), false},
		{`{"_aws":null}`, false},
		{`{"_aws":1}`, true},
		{`{"_aws":{"Timestamp":"x"}}`, true},
		{`{"_aws":{"CloudWatchMetrics":1}}`, true},
		{document(`"Shop"`, `1`), true},
		{document(`[["service"]]`, `[[1]]`), true},
		{document(`"Name":"Orders"`, `"Name":1`), true},
		{document(`"StorageResolution":60`, `"StorageResolution":"60"`), true},
	} {
		if got := emf.Read([]byte(c.text)).Malformed; got != c.want {
			t.Errorf("%s: got malformed %v, want %v", c.text, got, c.want)
		}
	}
}

func TestRead_WorkIsBounded(t *testing.T) {
	t.Parallel()
	const n = 2 * emf.MaxWork / emf.ItemWork
	for _, text := range []string{
		document(`[["service"]]`, "[["+many(n, `"service"`)+"]]"),
		document(`"Metrics":[`, `"Metrics":[`+many(n, `{"Name":"Orders"}`)+","),
		document(`[{"Namespace"`, "["+many(n, `{}`)+`,{"Namespace"`),
	} {
		doc := emf.Read([]byte(text))
		items := len(doc.Directives)
		for _, d := range doc.Directives {
			items += len(d.Metrics)
		}
		if !doc.Cut || items > n/2 {
			t.Errorf("%.200s: got cut %v and %d directives and metrics, want true and at most %d", text, doc.Cut, items, n/2)
		}
	}
}
