package jmespath_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// FuzzSearch looks for panics and endless work, and for results that are not JSON.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		`a.b.c`, `"a"[0][-1]`, `people[1::2].name`, `people[?age > list[1]].tags[]`, `*.*`, `[a, {b: c}]`, "`[1, {\"a\": 2}]`", "`bare`", `'raw\''`,
		`!a || b && c == d`, `sort_by(people[?age], &age)[*].name`, `map(&[0], nested)`, `merge(a, map)`, `sum(list)`, `avg(list)`, `to_number('1.5')`,
		`reverse(to_string(@))`, `powertools_json(to_string(@))`, `powertools_base64('YQ==')`, `powertools_base64_gzip('H4sIAAAAAAAAA6tWSlKyMtRRSlSyUjq8UqkWAJ9WnHgQAAAA')`,
		`[@,@]|[@,@]|[@,@]`, `join('', keys(@))`, `list[::-1]`, `max_by(people[?age], &age)`, `ceil(list[0])`, `contains(list, zero)`, `(a | b)[*]`,
	} {
		f.Add(seed, example)
	}
	f.Fuzz(func(t *testing.T, expression, document string) {
		x, err := jmespath.Compile(expression)
		if err != nil || len(expression) > 200 {
			return
		}
		v, err := jsontree.ParseString(document)
		if err != nil {
			return
		}
		found, err := x.Search(v)
		if err != nil {
			return
		}
		text := jsontree.Append(nil, found)
		again, err := jsontree.Parse(text)
		if err != nil {
			t.Fatalf("the result is no JSON: %s", text)
		}
		if string(jsontree.Append(nil, again)) != string(text) {
			t.Fatalf("the result reads back as something else: %s", text)
		}
	})
}
