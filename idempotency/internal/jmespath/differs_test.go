package jmespath_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// languageCase has the values that the libraries of the other languages were recorded to compute:
// jmespath.py 1.1.0, whose sums are the ones of Python 3.12, and
// @aws-lambda-powertools/jmespath 2.36.0. A library that failed has none.
type languageCase struct {
	About                string
	Expression, Document string
	Python, TypeScript   *string
}

func languageCases(t *testing.T) []languageCase {
	t.Helper()
	text, err := os.ReadFile("testdata/languages.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []languageCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// play returns the value that the library of a language was recorded to compute, the value
// that this package computes, and the difference that it names. A value is empty if computing
// it failed.
func (c *languageCase) play(t *testing.T, l foreign.Language) (theirs, ours string, d *foreign.Difference) {
	t.Helper()
	x, err := jmespath.Compile(c.Expression)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsontree.ParseString(c.Document)
	if err != nil {
		t.Fatal(err)
	}
	recorded, write := c.Python, foreign.AppendPython
	if l == foreign.TypeScript {
		recorded, write = c.TypeScript, foreign.AppendJavaScript
	}
	if recorded != nil {
		theirs = *recorded
	}
	if v, err := x.Search(document); err == nil {
		ours = string(write(nil, v))
	}
	return theirs, ours, x.Differs(l)
}

var languages = []foreign.Language{foreign.Python, foreign.TypeScript}

func TestDiffers_WhatPassesHasTheSameValue(t *testing.T) {
	t.Parallel()
	passed := map[foreign.Language]map[string]bool{foreign.Python: {}, foreign.TypeScript: {}}
	for _, c := range languageCases(t) {
		for _, l := range languages {
			theirs, ours, d := c.play(t, l)
			if d != nil || theirs == "" {
				continue
			}
			passed[l][c.About] = true
			if ours != theirs {
				t.Errorf("%v: %s of %s: got %s, want %s", l, c.Expression, c.Document, ours, theirs)
			}
		}
	}
	for _, row := range jmespath.Differences() {
		if row.Python == "" && !passed[foreign.Python][row.Name] && passed[foreign.TypeScript][row.Name] ||
			row.TypeScript == "" && !passed[foreign.TypeScript][row.Name] && passed[foreign.Python][row.Name] {
			t.Errorf("no recorded case shows that %q is the same", row.Name)
		}
	}
}

func TestDiffers_EveryReasonHasAnExample(t *testing.T) {
	t.Parallel()
	shown := map[foreign.Language]map[string]bool{foreign.Python: {}, foreign.TypeScript: {}}
	for _, c := range languageCases(t) {
		for _, l := range languages {
			if theirs, ours, d := c.play(t, l); d != nil && theirs != ours {
				shown[l][d.Why] = true
			}
		}
	}
	for _, row := range jmespath.Differences() {
		if row.Python != "" && !shown[foreign.Python][row.Python] {
			t.Errorf("Python: %s: no recorded case shows that %q", row.Name, row.Python)
		}
		if row.TypeScript != "" && !shown[foreign.TypeScript][row.TypeScript] {
			t.Errorf("TypeScript: %s: no recorded case shows that %q", row.Name, row.TypeScript)
		}
	}
}

func TestDiffers_Functions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		expression         string
		python, typeScript bool
	}{
		"abs": {"abs(a)", false, false}, "avg": {"avg(a)", true, true}, "ceil": {"ceil(a)", false, false}, "floor": {"floor(a)", false, false},
		"join": {"join('', a)", false, false}, "keys": {"keys(a)", false, true}, "length": {"length(a)", false, true}, "map": {"map(&b, a)", false, true},
		"max": {"max(a)", false, true}, "max_by": {"max_by(a, &b)", false, true}, "merge": {"merge(a, b)", true, true}, "min": {"min(a)", false, true},
		"min_by": {"min_by(a, &b)", false, true}, "not_null": {"not_null(a, b)", false, true}, "reverse": {"reverse(a)", false, true},
		"sort": {"sort(a)", false, true}, "sort_by": {"sort_by(a, &b)", false, true}, "sum": {"sum(a)", true, true}, "to_array": {"to_array(a)", false, false},
		"to_number": {"to_number(a)", true, true}, "to_string": {"to_string(a)", true, true}, "type": {"type(a)", false, false}, "values": {"values(a)", false, true},
		"powertools_json": {"powertools_json(a)", false, false}, "powertools_base64": {"powertools_base64(a)", false, false},
		"powertools_base64_gzip": {"powertools_base64_gzip(a)", false, false},

		"contains": {"contains(a, 'x')", false, false}, "contains of what the event has": {"contains(a, b)", true, true}, "contains of a number": {"contains(a, `1`)", true, true},
		"contains of half a character": {"contains(a, `\"\\ud83d\"`)", true, true},
		"starts_with":                  {"starts_with(a, 'x')", false, false}, "starts_with of what the event has": {"starts_with(a, b)", false, true},
		"ends_with": {"ends_with(a, 'x')", false, false}, "ends_with of what the event has": {"ends_with(a, b)", false, true},
	} {
		wantDiffers(t, name, tt.expression, tt.python, tt.typeScript)
	}
}

func TestDiffers_Forms(t *testing.T) {
	t.Parallel()
	for expression, differs := range map[string][2]bool{
		"a == b": {true, true}, "a != b": {true, true}, "a == `[1]`": {true, true}, "a == `{\"b\":1}`": {true, true},
		"a == `1`": {}, "`1` == a": {}, "a != 'x'": {}, "a == `null`": {}, "a == `true`": {}, "a == `1.50`": {},
		"a == `9007199254740991`": {}, "a == `-9007199254740991`": {}, "a == `9007199254740992`": {false, true}, "a == `-9007199254740992`": {false, true},
		"a[?b < c]": {true, true}, "a[?b < 'x']": {true, true}, "a[?b < `true`]": {true, true}, "a[?b < `1`]": {}, "a[?`1` >= b]": {}, "a[?b > `9007199254740992`]": {false, true},
		"a < `1`": {false, true}, "[a < `1`]": {false, true}, "{x: a < `1`}": {false, true}, "a[].[b < `1`]": {false, true}, "type(a < `1`)": {false, true},
		"a < `1` || b": {}, "a < `1` && b": {false, true}, "b && a < `1`": {false, true}, "b || a < `1`": {false, true}, "!(a < `1`)": {},
		"a[?!(b < `1`) && c > `2` || d <= `3`]": {}, "a[?b | c < `1`]": {}, "a[?(c < `1`) | b]": {false, true}, "a[?(c < `1`) == `true`]": {false, true},
		"a.*": {false, true}, "*": {false, true}, "a.*.b": {false, true}, "a[?b.*]": {false, true}, "[a, {x: b.*}]": {false, true},
		"a[?b].c[?d]": {false, true}, "a[?b][?c]": {}, "a[?b][?c].d[?e]": {false, true}, "a[?b][0][?c]": {false, true}, "a[?b].c | [?d]": {}, "a[?b][].c": {}, "a[].b[?c]": {}, "a[?b[?c]]": {},
		"a[0][1:]": {true, true}, "[0][1:]": {true, true}, "a.b[-1][::2].c": {true, true}, "a[*][0][1:]": {true, true}, "a[1:]": {}, "a[0].b[1:]": {}, "a[0] | [1:]": {}, "a[1:][0]": {},
		"[a, `foo`]": {true, true}, "`[NaN]`": {true, true}, "`1`": {}, "`\"foo\"`": {}, `'it\'s'`: {}, `'x\'y\'z'`: {false, true},
		`""`: {false, true}, `a."".b`: {false, true}, "constructor": {false, true}, "a.toString": {false, true}, `a."__proto__"`: {false, true}, "valueOf[0]": {false, true},
		"a.__defineGetter__": {false, true}, "a[].hasOwnProperty": {false, true}, "a.Constructor": {}, `"1"`: {},
		`{"__proto__": a}`: {false, true}, "{constructor: a}": {}, `{"": a}`: {},
		"@": {}, "a.b[0]": {}, "[a, b.c]": {}, "{x: a, y: b}": {}, "a[*].b": {}, "a[].b": {}, "a[?b]": {}, "a || b && !c": {}, "a | b": {},
		"a[*].sum(b)": {true, true}, "a.length(b)": {false, true}, "map(&sum(b), a)": {true, true}, "!sum(a)": {true, true}, "a[?sum(b) == `1`]": {true, true},
		"sum(a)[1:]": {true, true}, "sum(a)[]": {true, true}, "sum(a)[?b]": {true, true}, "sum(a) == `1`": {true, true}, "`1` == sum(a)": {true, true},
		"a || sum(b)": {true, true}, "sum(a) || b": {true, true}, "a && sum(b)": {true, true}, "sum(a) && b": {true, true}, "sum(a)[*]": {true, true}, "sum(a).*": {true, true},
	} {
		wantDiffers(t, expression, expression, differs[0], differs[1])
	}
}

func wantDiffers(t *testing.T, name, expression string, python, typeScript bool) {
	t.Helper()
	x, err := jmespath.Compile(expression)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for l, want := range map[foreign.Language]bool{foreign.Python: python, foreign.TypeScript: typeScript} {
		d := x.Differs(l)
		if (d != nil) != want {
			t.Errorf("%s: %s differs in %v: got %v, want %v", name, expression, l, d, want)
		}
		if d != nil && (d.What == "" || d.Why == "") {
			t.Errorf("%s: got %+v, want a form and a reason", name, *d)
		}
	}
}

func TestDifferences_HasEachFunctionOnce(t *testing.T) {
	t.Parallel()
	rows := map[string]int{}
	for _, row := range jmespath.Differences() {
		name, _, _ := strings.Cut(row.Name, ",")
		rows[name]++
	}
	for _, name := range strings.Fields("abs avg ceil contains ends_with floor join keys length map max max_by merge min min_by not_null reverse sort sort_by " +
		"starts_with sum to_array to_number to_string type values powertools_json powertools_base64 powertools_base64_gzip") {
		if rows[name] != 1 {
			t.Errorf("%s: got %d rows, want 1", name, rows[name])
		}
	}
	if n := rows["unknown function"]; n != 0 {
		t.Errorf("got %d rows of unknown functions, want none", n)
	}
}
