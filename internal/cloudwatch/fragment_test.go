package cloudwatch_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
)

var update = flag.Bool("update", false, "write the golden files")

// observe reads lines.
func observe(lines string) cloudwatch.Observation {
	c := cloudwatch.NewCollector()
	out := c.Output()
	out.Write([]byte(lines))
	out.Flush()
	return c.Observation()
}

// recorded is a run of the function in cmd/lambdakit/testdata/cloudwatch on all its events.
func recorded(t testing.TB) cloudwatch.Observation {
	t.Helper()
	text, err := os.ReadFile("testdata/run.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	o := observe(string(text))
	o.AddEvent([]byte(`{"ID":"o-1"}`))
	o.AddEvent([]byte(`{"requestContext":{}}`))
	o.AddEvent([]byte(`{"Records":[{"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders"}]}`))
	return o
}

func newFragment(t testing.TB, o cloudwatch.Observation, options *cloudwatch.Options) *cloudwatch.Fragment {
	t.Helper()
	f, err := cloudwatch.New(o, options)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// document returns a metric document. pairs are names and values of dimensions.
func document(name, unit string, pairs ...string) string {
	names, members := []string{}, ""
	for i := 0; i < len(pairs); i += 2 {
		names = append(names, fmt.Sprintf("%q", pairs[i]))
		members += fmt.Sprintf(`%q:%q,`, pairs[i], pairs[i+1])
	}
	return fmt.Sprintf(`{%s%q:1,"_aws":{"Timestamp":1795931380988,"CloudWatchMetrics":[{"Namespace":"Shop","Dimensions":[[%s]],"Metrics":[{"Name":%q,"Unit":%q}]}]}}`+"\n",
		members, name, strings.Join(names, ","), name, unit)
}

// everything are the options with which a fragment has all that it can have.
var everything = cloudwatch.Options{
	Timeout: 10 * time.Second, DeadLetterQueue: "orders-dead", Stream: true, Async: true, Retention: 90, NoTopic: true, ExistingLogGroup: true,
	Expect: []string{"OrdersAccepted{channel=web}", "ChargeTime"},
}

// fragments are the fragments whose parts the tests check.
func fragments(t testing.TB) map[string]*cloudwatch.Fragment {
	t.Helper()
	fragmentsOnce.Do(func() { allFragments = makeFragments(t) })
	return allFragments
}

var (
	fragmentsOnce sync.Once
	allFragments  map[string]*cloudwatch.Fragment
)

func makeFragments(t testing.TB) map[string]*cloudwatch.Fragment {
	t.Helper()
	var many, widgets, hostile strings.Builder
	for i := range 10_500 {
		many.WriteString(document(fmt.Sprintf("Metric%d", i), "Count", "service", "shop"))
	}
	for i := range 13 {
		widgets.WriteString(document("Sold", "Count", "shop", fmt.Sprint("shop-", i), "country", "de"))
	}
	for i, name := range hostileNames {
		hostile.WriteString(document(name, "Milliseconds", "service", "shop"))
		hostile.WriteString(document("Hostile", "Count", "value", name))
		hostile.WriteString(document("Hostile", "Count", name, "value"))
		fmt.Fprintf(&hostile, `{"level":"ERROR","message":"m%d","function_request_id":"r",%q:"x"}`+"\n", i, name)
	}
	named := &cloudwatch.Options{Name: "shop"}
	o := recorded(t)
	all := everything
	return map[string]*cloudwatch.Fragment{
		"recorded":   newFragment(t, o, nil),
		"everything": newFragment(t, o, &all),
		"nothing":    newFragment(t, cloudwatch.Observation{}, named),
		"many":       newFragment(t, observe(many.String()), named),
		"search":     newFragment(t, observe(widgets.String()), named),
		"hostile":    newFragment(t, observe(hostile.String()), named),
	}
}

var hostileNames = []string{
	`a"quote`, `a'quote`, `a\backslash`, "a`backtick", "${FunctionName}", "${AWS::Region}", "${!x}", "${x", "$${x}", "%{ if true }", "%%{x}", "{{resolve:ssm:secret}}",
	".", "..", "...", "a.b", ".a", "a b", "limit", "a|b", "a,b", "a]b", "# a", "</script>", "(", "{", "}", "SEARCH('')", "a=b", "${PROP('x')}", "Failures", "Ünïcode", "1st",
	strings.Repeat("n", 200), strings.Repeat("'", 100),
}

func TestNew_GoldenFiles(t *testing.T) {
	t.Parallel()
	o, all := recorded(t), everything
	f := newFragment(t, o, nil)
	for file, got := range map[string][]byte{
		"testdata/recorded.cfn.json":   f.CloudFormation(),
		"testdata/recorded.tf.json":    f.Terraform(),
		"testdata/everything.cfn.json": newFragment(t, o, &all).CloudFormation(),
	} {
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got another fragment than the file has; after a change that is meant, run the test with -update:\n%s", file, firstDifference(got, want))
		}
	}
}

// firstDifference returns the first lines that differ.
func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d: got %s, want %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}

func TestNew_TheOrderOfLinesDoesNotMatter(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/run.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	want := newFragment(t, observe(string(text)), nil).CloudFormation()
	for range 20 {
		rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		if got := newFragment(t, observe(strings.Join(lines, "")), nil).CloudFormation(); !bytes.Equal(got, want) {
			t.Fatalf("got another fragment for another order of the lines: %s", firstDifference(got, want))
		}
	}
}

func TestNew_Sizes(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		got, want := len(f.CloudFormation()), cloudwatch.MaxTemplateBody
		if name == "many" || name == "hostile" {
			want = cloudwatch.MaxTemplate
		}
		t.Logf("%s: %d bytes", name, got)
		if got > want {
			t.Errorf("%s: got a template of %d bytes, want at most %d", name, got, want)
		}
	}
}

func TestNew_NoMetrics(t *testing.T) {
	t.Parallel()
	f := fragments(t)["nothing"]
	d := deployCFN(t, f.CloudFormation())
	if _, ok := d.alarms["shop-MetricsLost"]; ok {
		t.Error("got the alarm MetricsLost, want none for a function without metrics")
	}
	wantNote(t, f, "no metrics")
	wantNote(t, f, "package logging")
}

func TestNew_TenThousandMetrics(t *testing.T) {
	t.Parallel()
	f := fragments(t)["many"]
	d := deployCFN(t, f.CloudFormation())
	if n := len(d.dashboard.Widgets); n > 60 {
		t.Errorf("got %d widgets, want at most 60", n)
	}
	wantNote(t, f, "500 values are left out")
	wantNote(t, f, "9960 metrics have no widget; 9960 metrics share a widget")
}

func TestNew_ManySeries_AreSearched(t *testing.T) {
	t.Parallel()
	d := deployCFN(t, fragments(t)["search"].CloudFormation())
	const want = `SEARCH('{"Shop","country","shop"} MetricName="Sold"', 'Sum', 300)`
	if !slices.ContainsFunc(d.dashboard.Widgets, func(w deployedWidget) bool {
		return len(w.Properties.Metrics) == 1 && fmt.Sprint(w.Properties.Metrics[0]) == fmt.Sprint([]any{map[string]any{"expression": want, "id": "search", "label": ""}})
	}) {
		t.Errorf("got no widget with %s for 13 series", want)
	}
}

func TestNew_Searches(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		`a"b\c(d)`: `SEARCH('{"Shop","d"} MetricName="a\"b\\c\(d\)"', 'Sum', 300)`,
		"it's":     `SEARCH('Namespace="Shop"', 'Average', 300)`, // with the other metrics of the namespace
	} {
		var lines strings.Builder
		for i := range 13 {
			lines.WriteString(document(name, "Count", "d", fmt.Sprint(i)))
		}
		var got []string
		for _, w := range deployCFN(t, newFragment(t, observe(lines.String()), &cloudwatch.Options{Name: "shop"}).CloudFormation()).dashboard.Widgets {
			for _, m := range w.Properties.Metrics {
				if e, ok := m[0].(map[string]any); ok && len(m) == 1 {
					got = append(got, e["expression"].(string))
				}
			}
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s: got the expressions %q, want %s", name, got, want)
		}
	}
}

func TestNew_AMetricWithTwoUnits(t *testing.T) {
	t.Parallel()
	a, b := document("Size", "Bytes", "service", "shop"), document("Size", "Count", "service", "shop")
	options := &cloudwatch.Options{Name: "shop"}
	one, other := newFragment(t, observe(a+b), options).CloudFormation(), newFragment(t, observe(b+a), options).CloudFormation()
	if !bytes.Equal(one, other) {
		t.Errorf("got another fragment for another order of the units: %s", firstDifference(one, other))
	}
}

func TestNew_TheNameOfTheFunctionIsAParameter(t *testing.T) {
	t.Parallel()
	lines := document("Calls", "Count", "function_name", "orders", "FunctionName", "orders", "team", "orders")
	f := newFragment(t, observe(`{"message":"m","function_name":"orders"}`+"\n"+lines), &cloudwatch.Options{Expect: []string{"Calls"}})
	text := string(f.CloudFormation())
	for _, want := range []string{`{"Name": "FunctionName", "Value": {"Ref": "FunctionName"}}`, `{"Name": "function_name", "Value": {"Ref": "FunctionName"}}`, `{"Name": "team", "Value": "orders"}`} {
		if !strings.Contains(text, want) {
			t.Errorf("got a template without %s", want)
		}
	}
}

func TestNew_TwelveSeries_AreListed(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 12 {
		lines.WriteString(document("Sold", "Count", "shop", fmt.Sprint("shop-", i), "country", "de"))
	}
	d := deployCFN(t, newFragment(t, observe(lines.String()), &cloudwatch.Options{Name: "shop"}).CloudFormation())
	for _, w := range d.dashboard.Widgets {
		if w.Properties.Title == "Sold by country, shop, Sum" {
			if n := len(w.Properties.Metrics); n != 12 {
				t.Errorf("got %d lines, want 12", n)
			}
			if got, want := fmt.Sprint(w.Properties.Metrics[0]), "[Shop Sold country de shop shop-0 map[label:shop-0 stat:Sum]]"; got != want {
				t.Errorf("got the line %s, want %s", got, want)
			}
			return
		}
	}
	t.Error("got no widget for the metric Sold")
}

func TestNew_Notes(t *testing.T) {
	t.Parallel()
	all := fragments(t)
	wantNote(t, all["recorded"], `the queue is "orders"`)
	wantNote(t, all["recorded"], "-dead-letter-queue NAME adds the alarm QueueDead")
	wantNote(t, all["hostile"], "a query cannot name them")
	wantNote(t, all["hostile"], "{{resolve:")
	wantNote(t, all["hostile"], "CloudWatch refuses them")
}

func wantNote(t *testing.T, f *cloudwatch.Fragment, want string) {
	t.Helper()
	if !slices.ContainsFunc(f.Notes(), func(n string) bool { return strings.Contains(n, want) }) {
		t.Errorf("got the notes %q, want one with %q", f.Notes(), want)
	}
}

func TestNew_BadOptions(t *testing.T) {
	t.Parallel()
	for want, options := range map[string]*cloudwatch.Options{
		"is not the name of a function":   {Name: "a.b"},
		"the timeout 1.5s is not":         {Timeout: 1500 * time.Millisecond},
		"the timeout 16m0s is not":        {Timeout: 16 * time.Minute},
		"2 days is not a retention":       {Retention: 2},
		`"a b" is not the name of a queu`: {DeadLetterQueue: "a b"},
		`"${x}" is not the name of a qu`:  {SourceQueue: "${x}"},
		`shows no metric "Missing"`:       {Expect: []string{"Missing"}},
		`"OrdersAccepted" fits 2 metrics`: {Expect: []string{"OrdersAccepted"}},
		`{channel=x}" fits 0 metrics`:     {Expect: []string{"OrdersAccepted{channel=x}"}},
		"is not of the form NAME":         {Expect: []string{"OrdersAccepted{channel=x"}},
		"the most is 20":                  {Expect: make([]string, 21)},
	} {
		if _, err := cloudwatch.New(recorded(t), options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got the error %v, want %q in it", err, want)
		}
	}
	if _, err := cloudwatch.New(cloudwatch.Observation{}, nil); err == nil || !strings.Contains(err.Error(), "give its name") {
		t.Errorf("got the error %v for a run without a name, want one that asks for it", err)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	all := fragments(t)
	for name, want := range map[string]string{
		"nothing":    "5 alarms with 8 metrics $0.80, 0 own metrics that the run showed $0.00, together $3.80",
		"recorded":   "8 alarms with 13 metrics $1.30, 9 own metrics that the run showed and 1 of failure lines $3.00, together $7.30",
		"everything": "12 alarms with 17 metrics $2.10, 9 own metrics that the run showed and 1 of failure lines $3.00, together $8.10",
	} {
		if got := all[name].Cost().String(); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s in it", name, got, want)
		}
	}
}
