package insightstest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/internal/insightstest"
)

func TestParse_QueriesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"fields @timestamp, @message\n    # | filter @message like /delay/\n    | limit 20":                                                      "@message @timestamp",
		"fields `foo-bar`, action, abs(f3-f4)":                                                                                                   "action f3 f4 foo-bar",
		"fields concat(Operation, '-', StatusCode) as opStatus | filter opStatus = \"a\"":                                                        "Operation StatusCode",
		"fields f1, f2 | filter (f1=10 or f3>25)":                                                                                                "f1 f2 f3",
		`fields f1 | filter statusCode in [300,400,500] and Type not in ["foo", 1]`:                                                              "Type f1 statusCode",
		"filter f1 =~ /^(?i)Exception$/ | stats avg(f1) as mean by f2 | sort mean desc":                                                          "f1 f2",
		"stats count(*) by queryType, bin(1h)":                                                                                                   "queryType",
		`filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as size, max(@maxMemoryUsed / 1000 / 1000) as used, size - used as over`: "@maxMemoryUsed @memorySize @type",
		"filter not ispresent(a) and (b.c >= 2 or d like \"x\") | dedup b.c | display b.c":                                                       "a b.c d",
		"fields coalesce(record.metrics.durationMs, @duration) as ms | stats pct(ms, 99), count() by bin(5m)":                                    "@duration record.metrics.durationMs",
	} {
		q, err := insightstest.Parse(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := strings.Join(q.Fields, " "); got != want {
			t.Errorf("%s: got the fields %s, want %s", query, got, want)
		}
	}
}

func TestParse_Commands(t *testing.T) {
	t.Parallel()
	q, err := insightstest.Parse("fields a | filter b = 1 | limit 7")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"fields", "filter", "limit"}; !slices.Equal(q.Commands, want) || q.Limit != 7 {
		t.Errorf("got %v and the limit %d, want %v and 7", q.Commands, q.Limit, want)
	}
}

func TestParse_Mistakes(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                            "want a command",
		"select a":                    `unknown command "select"`,
		"fields a,":                   "want a field",
		"fields a b":                  `want "|"`,
		"fields foo-":                 "want a field",
		"fields a | ":                 "want a command",
		"fields limit":                "must stand in backticks",
		"fields `a":                   "without a name or an end",
		"fields a$b":                  `unexpected "$"`,
		`filter a = "b`:               "without an end",
		"filter a == 1":               "want a field",
		"filter count(a) > 1":         `unknown function "count"`,
		"filter upper(a)":             `unknown function "upper"`,
		"filter ispresent(a, b)":      "ispresent has 2 arguments",
		"filter a in (1, 2)":          `want "["`,
		"stats median(a)":             `unknown function "median"`,
		"stats sum(max(a))":           `unknown function "max"`,
		"stats pct(a)":                "pct has 1 arguments",
		"stats pct(a, 101)":           "pct of 101",
		"stats count(*) by bin(300s)": "the most is 60s",
		"stats count(*) by bin(25h)":  "the most is 24h",
		"stats count(*) by bin(1y)":   "want a period",
		"stats count(*) as by":        "want a name after as",
		"fields a | limit 10001":      "not between 1 and 10,000",
		"fields a | sort a desc asc":  `want "|"`,
		"filter a like b":             "want a string or a regular expression",
		"filter (a = 1":               `want ")"`,
		"fields 5x":                   "is not a number",
	} {
		if _, err := insightstest.Parse(query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got the error %v, want %q in it", query, err, want)
		}
	}
}
