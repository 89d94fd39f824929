package jmespath

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

func parsed(t *testing.T, expression, document string) (node, jsontree.Value) {
	t.Helper()
	x, err := Compile(expression)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsontree.ParseString(document)
	if err != nil {
		t.Fatal(err)
	}
	return x.root, v
}

// TestWork counts what functions and forms make of 100 elements or members, or of a text of
// 100 bytes: an element counts as four, a byte or a comparison as one.
func TestWork(t *testing.T) {
	t.Parallel()
	const n = 100
	list := func(item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	numbers, texts, objects := list("1"), list(`"a"`), list(`{"a":1}`)
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf(`"m%02d":{"a":1}`, i))
	}
	object := "{" + strings.Join(members, ",") + "}"
	text := `"` + strings.Repeat("x", n) + `"`
	for name, c := range map[string]struct {
		expression, document string
		work                 int
	}{
		"nothing":                {"@.a || @ | @[0]", numbers, 0},
		"slice":                  {"@[0:] | [0]", numbers, 4 * n},
		"slice of some":          {"@[90:]", numbers, 4 * 10},
		"slice backwards":        {"@[::-1]", numbers, 4 * n},
		"projection":             {"@[*].a", objects, 4 * n},
		"projection of the same": {"@[*]", objects, 0},
		"projection of members":  {"*.a", object, 4 * n},
		"filter":                 {"@[?a].a", objects, 4 * n},
		"filter of none":         {"@[?b].a", objects, 0},
		"flatten":                {"@[]", numbers, 4 * n},
		"flatten of arrays":      {"@[]", list("[1,2]"), 4 * 3 * n},
		"list":                   {"[@, @, @]", "1", 4 * 3},
		"hash":                   {"{a: @, b: @}", "1", 4 * 2},
		"keys":                   {"keys(@)", object, 4 * n},
		"values":                 {"values(@)", object, 4 * n},
		"merge":                  {"merge(@, @)", object, 2 * 4 * n},
		"map":                    {"map(&a, @)", objects, 4 * n},
		"sort":                   {"sort(@)", numbers, 4 * n},
		"sort_by":                {"sort_by(@, &a)", objects, 2 * 4 * n},
		"max_by":                 {"max_by(@, &a)", objects, 2 * 4 * n},
		"min_by":                 {"min_by(@, &a)", objects, 2 * 4 * n},
		"reverse":                {"reverse(@)", numbers, 4 * n},
		"reverse of a text":      {"reverse(@)", text, n},
		"to_array":               {"to_array(@)", "1", 4},
		"join":                   {"join('--', @)", texts, 3 * n},
		"to_string":              {"to_string(@)", texts, 1 + 2*n + 4*n + 1},                     // it looks at the values, and makes "a", of each
		"to_string of members":   {"to_string(@)", `{"abc":[null]}`, 1 + 3 + 1 + 1 + 14},         // with the name
		"powertools_json":        {"powertools_json(@)", text[:1] + `[1]                 "`, 20}, // its text
		"powertools_base64":      {"powertools_base64(@)", `"YWJj"`, 3},
		"powertools_base64_gzip": {"powertools_base64_gzip(@)", `"H4sIAAAAAAAAA6tWSlKyMtRRSlSyUjq8UqkWAJ9WnHgQAAAA"`, 16},
		"equal numbers":          {"@ == @", "1", 1},
		"equal arrays":           {"@ == @", numbers, 1 + n},
		"equal objects":          {"@ == @", object, 1 + 2*n},
		"arrays that differ":     {"@ == `[2]`", numbers, 1},
		"contains":               {"contains(@, 'b')", texts, n},
	} {
		root, v := parsed(t, c.expression, c.document)
		r := run{left: maxWork, decode: maxDecoded}
		if _, err := r.eval(root, v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := maxWork - r.left; got != c.work {
			t.Errorf("%s: got %d, want %d", name, got, c.work)
		}
		if c.work == 0 {
			continue
		}
		r = run{left: c.work, decode: maxDecoded}
		if _, err := r.eval(root, v); err != nil {
			t.Errorf("%s, as much as is left: got %v, want a value", name, err)
		}
		r = run{left: c.work - 1, decode: maxDecoded}
		if _, err := r.eval(root, v); err == nil {
			t.Errorf("%s, one more than is left: got a value, want an error", name)
		}
	}
}

// Each value of the text is one that powertools_json makes.
func TestWork_DecodedValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expression string
		ok         bool
	}{
		"one call": {"powertools_json(@)[0]", true}, "two calls": {"[powertools_json(@), powertools_json(@)]", true},
		"three calls": {"[powertools_json(@), powertools_json(@), powertools_json(@)]", false},
		"many calls":  {"map(&powertools_json(@), [@, @, @])", false},
	} {
		root, v := parsed(t, c.expression, `"[1,{\"a\":2}]"`) // four values
		r := run{left: maxWork, decode: 11}
		if _, err := r.eval(root, v); (err == nil) != c.ok {
			t.Errorf("%s: got %v, want success: %v", name, err, c.ok)
		}
	}
}

func TestWork_Result(t *testing.T) {
	t.Parallel()
	_, v := parsed(t, "@", `{"abc":[1,true,"xyz",null,{"d":12.5}]}`)
	r := run{left: maxWork}
	if err := r.walk(v); err != nil {
		t.Fatal(err)
	}
	// Eight values with 1, 3 and 4 bytes of text, and names of 3 and 1.
	if got, want := maxWork-r.left, 8+1+3+4+3+1; got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestSearch_ResultsThatHoldTheSameManyTimes(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1<<20)
	for n, ok := range map[int]bool{15: true, 16: false} {
		x, err := Compile("[" + strings.Repeat("@, ", n-1) + "@]")
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []jsontree.Value{jsontree.NewString(text), jsontree.NewObject([]jsontree.Member{{Name: text}})} {
			if _, err := x.Search(v); (err == nil) != ok {
				t.Errorf("%d times a %v with 1 MB: got %v, want success: %v", n, v.Kind(), err, ok)
			}
		}
	}
}

func TestCompile_MostTokens(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{2048: true, 2049: false} { // with a dot between them
		_, err := Compile("a" + strings.Repeat(".a", n-1))
		if (err == nil) != ok || err != nil && !strings.HasSuffix(err.Error(), "at most 4096 tokens") {
			t.Errorf("%d names: got success: %v, want %v", n, err == nil, ok)
		}
	}
}
