package jmespath_test

import (
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
)

func TestHostileExpressions(t *testing.T) {
	t.Parallel()
	for name, expression := range map[string]string{
		"parentheses":  strings.Repeat("(", 1_000_000),
		"brackets":     strings.Repeat("[ ", 1_000_000),
		"braces":       strings.Repeat("{a:", 1_000_000),
		"negations":    strings.Repeat("!", 1_000_000),
		"calls":        strings.Repeat("abs(", 1_000_000),
		"filters":      strings.Repeat("[?", 1_000_000),
		"stars":        strings.Repeat("*.", 1_000_000),
		"alternatives": "a" + strings.Repeat("||a", 1_000_000),
		"path":         "a" + strings.Repeat(".a", 1_000_000),
		"flattens":     strings.Repeat("[]", 1_000_000),
	} {
		if _, err := jmespath.Compile(expression); err == nil {
			t.Errorf("%s: compiled", name)
		}
	}
}

func TestDeepExpressions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ expression, want string }{
		"parentheses":  {strings.Repeat("(", 2000) + "@" + strings.Repeat(")", 2000), `[1]`},
		"brackets":     {strings.Repeat("[ ", 2000) + "@[0]" + strings.Repeat("]", 2000), strings.Repeat("[", 2000) + "1" + strings.Repeat("]", 2000)},
		"negations":    {strings.Repeat("!", 4000) + "@", `true`},
		"calls":        {strings.Repeat("not_null(", 1300) + "@" + strings.Repeat(")", 1300), `[1]`},
		"alternatives": {"a" + strings.Repeat("||a", 2000), `null`},
		"flattens":     {strings.Repeat("[]", 4000), `[1]`},
		"wildcards":    {strings.Repeat("[*]", 1300), `[]`},
		"pipes":        {"@" + strings.Repeat("|@", 2000), `[1]`},
	} {
		if got, err := search(t, tt.expression, `[1]`); err != nil || got != tt.want {
			t.Errorf("%s: got %.50s, %v", name, got, err)
		}
	}
}

// Each of these asks for something like 2**40 values or bytes.
func TestExplodingExpressions(t *testing.T) {
	t.Parallel()
	for name, expression := range map[string]string{
		"result":     "[@,@]" + strings.Repeat("|[@,@]", 40),
		"hash":       "{a:@,b:@}" + strings.Repeat("|{a:@,b:@}", 40),
		"text":       "[@,@]" + strings.Repeat("|[@,@]", 40) + "|to_string(@)|length(@)",
		"comparison": "[@,@]" + strings.Repeat("|[@,@]", 40) + "|[@,[@,@]]|[0]==[1][0]",
		"flatten":    "[@,@]" + strings.Repeat("|[@,@][]", 40),
		"join":       "'aa'" + strings.Repeat("|join('',[@,@])", 40),
		"escapes":    `'"'` + strings.Repeat("|to_string([@])", 40),
		"map":        "[@,@]" + strings.Repeat("|map(&[@,@],@)[]", 40),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := search(t, expression, `1`); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestDeepDocuments(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for expression, want := range map[string]string{
		"@ == @":               "true",
		"contains([@], @)":     "true",
		"to_string(@) | [@]":   `["` + deep + `"]`,
		"[] | length(@)":       "1",
		"[@] | [0] == [1]":     "false",
		"type(to_array(@)[0])": "\"array\"",
	} {
		if got, err := search(t, expression, deep); err != nil || got != want {
			t.Errorf("%s: got %.50s, %v", expression, got, err)
		}
	}
}

func TestDecodedValues(t *testing.T) {
	t.Parallel()
	const most = 1 << 19 // values of all calls in one evaluation
	text := func(values int) string { return `"[` + strings.Repeat("0,", values-2) + `0]"` }
	if got, err := search(t, "powertools_json(@)[0]", text(most)); err != nil || got != "0" {
		t.Errorf("%d values: got %s, %v, want 0", most, got, err)
	}
	if _, err := search(t, "powertools_json(@)[0]", text(most+1)); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Errorf("%d values: got %v, want too many values", most+1, err)
	}
	if _, err := search(t, "[powertools_json(@)[0], powertools_json(@)[0]]", text(most/2+1)); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Errorf("two calls of %d values: got %v, want too many values", most/2+1, err)
	}
}
