package cloudwatch_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/cloudwatch"
	"github.com/lambdakit/lambdakit/internal/insightstest"
)

// knownFields are the fields that the toolkit, Lambda and Logs Insights write, with the causes of errors
// and the metrics of package metrics.
func knownFields() map[string]bool {
	known := make(map[string]bool)
	for _, f := range slices.Concat(cloudwatch.Fields, cloudwatch.LambdaFields) {
		known[f.Name] = true
	}
	for _, m := range cloudwatch.EMFMetrics {
		known[m.Name] = true
	}
	return known
}

// wantQuery reports a query that does not parse, or that uses a field which neither the toolkit nor the run
// writes.
func wantQuery(t *testing.T, name, query string, own []string) {
	t.Helper()
	q, err := insightstest.Parse(query)
	if err != nil {
		t.Errorf("%s: got the error %v, want a query that parses:\n%s", name, err, query)
		return
	}
	known := knownFields()
	for _, field := range q.Fields {
		if !known[field] && !slices.Contains(own, field) {
			t.Errorf("%s: got the field %q, want one that is written:\n%s", name, field, query)
		}
	}
}

func TestQueries_Parse(t *testing.T) {
	t.Parallel()
	for name, f := range fragments(t) {
		own := f.OwnNames()
		for title, query := range deployCFN(t, f.CloudFormation()).queries {
			wantQuery(t, name+": "+title, query, own)
			if n := utf8.RuneCountInString(query); n > 10_000 {
				t.Errorf("%s: %s: got %d characters, want at most 10,000", name, title, n)
			}
			folder, rest, ok := strings.Cut(title, "/")
			if n := utf8.RuneCountInString(rest) + len("/") + 64; !ok || strings.ContainsAny(rest, `/\`) || n > 255 {
				t.Errorf("%s: got the name %q, of %d characters in a folder of 64, want one folder and at most 255", name, title, n)
			}
			if folder == "" {
				t.Errorf("%s: got the name %q without a folder", name, title)
			}
		}
	}
}

func TestQueries_Names(t *testing.T) {
	t.Parallel()
	always := []string{
		"Duration by hour", "Ended by Lambda", "Failures", "Failures by kind", "Lines by level", "Memory and money", "Noisiest messages",
		"One invocation", "One trace", "Panics", "Replayed answers", "Timeouts",
	}
	for name, more := range map[string][]string{
		"nothing":  nil,
		"recorded": {"Batches", "Cold starts by hour", "Failed records", "Metric ChargeTime", "One record", "Requests by route"},
	} {
		var got []string
		for title := range deployCFN(t, fragments(t)[name].CloudFormation()).queries {
			_, title, _ = strings.Cut(title, "/")
			got = append(got, title)
		}
		want := slices.Concat(always, more)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got the queries %q, want %q", name, got, want)
		}
	}
}

func TestQueries_FailuresHasTheOwnFields(t *testing.T) {
	t.Parallel()
	got := deployCFN(t, fragments(t)["recorded"].CloudFormation()).queries["cloudwatch/Failures"]
	const want = "fields @timestamp, message, error.type, error.message, function_request_id, xray_trace_id, customer.id, customer.name, order_id, `strange name`, total\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s at its beginning", got, want)
	}
}

func TestQueries_ManyFields_StayShort(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		lines.WriteString(`{"message":"m","` + strings.Repeat(string(c), 190) + `":1}` + "\n")
	}
	f := newFragment(t, observe(lines.String()), &cloudwatch.Options{Name: "shop"})
	query := deployCFN(t, f.CloudFormation()).queries["shop/Failures"]
	if n := utf8.RuneCountInString(query); n > 5_000 {
		t.Errorf("got %d characters, want at most 5,000", n)
	}
	wantQuery(t, "Failures", query, f.OwnNames())
}
