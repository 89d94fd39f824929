package jmespath_test

import (
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// search returns the JSON text of an expression's value.
func search(t testing.TB, expression, document string) (string, error) {
	t.Helper()
	x, err := jmespath.Compile(expression)
	if err != nil {
		t.Fatal(err)
	}
	if x.String() != expression {
		t.Errorf("String returned %q", x.String())
	}
	v, err := jsontree.ParseString(document)
	if err != nil {
		t.Fatal(err)
	}
	found, err := x.Search(v)
	return string(jsontree.Append(nil, found)), err
}

// example is a document with something for each part of the language.
const example = `{
	"a": {"b": {"c": "deep"}, "n": null},
	"list": [0, 1, 2, 3, 4],
	"people": [
		{"name": "b", "age": 30, "tags": ["x", "y"]},
		{"name": "a", "age": 50, "tags": []},
		{"name": "c", "tags": ["z"]},
		null,
		{"name": "d", "age": 40}
	],
	"nested": [[0, 1], 2, [[3], 4], null],
	"map": {"z": {"v": 1}, "y": {"v": 2}, "x": 3, "w": {"u": 4}},
	"deepmap": {"p": {"q": {"r": {"s": 1}}}, "o": {"q": {"r": {"s": 2}}}},
	"with space": 1, "dash-ed": {"é": 2}, "quote\"d": 3,
	"zero": 0, "empty": "", "no": false, "yes": true, "none": [], "blank": {}
}`

func TestSearch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expression, want string }{
		// names
		{`a.b.c`, `"deep"`},
		{` a . b . c `, `"deep"`},
		{`a.missing.c`, `null`},
		{`list.a`, `null`},
		{`"with space"`, `1`},
		{`"dash-ed"."é"`, `2`},
		{`"dash-ed"."\u00e9"`, `2`},
		{`"quote\"d"`, `3`},
		{`@.zero`, `0`},
		{`a.@`, ``},

		// indices and slices
		{`list[0]`, `0`},
		{`list[-1]`, `4`},
		{`list[-5]`, `0`},
		{`list[5]`, `null`},
		{`list[-6]`, `null`},
		{`list[99999999999999999999]`, `null`},
		{`list[-99999999999999999999]`, `null`},
		{`list[ 1 ]`, `1`},
		{`list[01]`, `1`},
		{`a[0]`, `null`},
		{`nested[2][0][0]`, `3`},
		{`list[1:3]`, `[1,2]`},
		{`list[:2]`, `[0,1]`},
		{`list[3:]`, `[3,4]`},
		{`list[:]`, `[0,1,2,3,4]`},
		{`list[::2]`, `[0,2,4]`},
		{`list[1::2]`, `[1,3]`},
		{`list[::-1]`, `[4,3,2,1,0]`},
		{`list[-2:]`, `[3,4]`},
		{`list[:-3]`, `[0,1]`},
		{`list[3:1]`, `[]`},
		{`list[3:1:-1]`, `[3,2]`},
		{`list[10:0:-2]`, `[4,2]`},
		{`list[-100:100:99999999999]`, `[0]`},
		{`list[100:-100:-99999999999]`, `[4]`},
		{`a[1:2]`, `null`},
		{`empty[1:]`, `null`},
		{`people[:2].name`, `["b","a"]`},
		{`list[1:][0]`, `[]`},
		{`list[1:] | [0]`, `1`},

		// projections
		{`people[*].name`, `["b","a","c","d"]`},
		{`people[*].age`, `[30,50,40]`},
		{`people[*]`, `[{"name":"b","age":30,"tags":["x","y"]},{"name":"a","age":50,"tags":[]},{"name":"c","tags":["z"]},{"name":"d","age":40}]`},
		{`people[*].tags[0]`, `["x","z"]`},
		{`people[*].tags | [0]`, `["x","y"]`},
		{`(people[*].tags)[0]`, `["x","y"]`},
		{`people[*].tags[]`, `["x","y","z"]`},
		{`people[].tags[]`, `["x","y","z"]`},
		{`people[*].missing`, `[]`},
		{`a[*].b`, `null`},
		{`missing[*]`, `null`},
		{`[*]`, `null`},
		{`nested[]`, `[0,1,2,[3],4]`},
		{`nested[][]`, `[0,1,2,3,4]`},
		{`nested[*][0]`, `[0,[3]]`},
		{`a[]`, `null`},
		{`map.*.v`, `[1,2]`},
		{`map.*`, `[{"v":1},{"v":2},3,{"u":4}]`},
		{`map.*.*`, `[[1],[2],[4]]`},
		{`list.*`, `null`},
		{`*.b.c`, `["deep"]`},
		{`a.*`, `[{"c":"deep"}]`},
		{`deepmap.*.q`, `[{"r":{"s":1}},{"r":{"s":2}}]`},
		{`deepmap.*.q.r`, `null`},
		{`deepmap.*.[q.r.s][]`, `[1,2]`},
		{`values(deepmap)[*].q.r.s`, `[1,2]`},
		{`people[*].[name, age]`, `[["b",30],["a",50],["c",null],["d",40]]`},

		// filters
		{`people[?age].name`, `["b","a","d"]`},
		{"people[?age > `35`].name", `["a","d"]`},
		{"people[?age >= `30` && name != 'b'].name", `["a","d"]`},
		{`people[?!age].name`, `["c"]`},
		{`people[?name == 'a'].age | [0]`, `50`},
		{`people[?name == 'a'] | [0].age`, `50`},
		{`people[?tags && contains(tags, 'x')].name`, `["b"]`},
		{`people[?@].tags[?@ == 'y']`, `[]`},
		{`people[*].tags[?@ == 'y']`, `[["y"],[],[]]`},
		{"list[?@ > `1`][]", `[2,3,4]`},
		{`a[?b]`, `null`},
		{`[?a]`, `null`},

		// multi-select
		{`a.[b.c, missing]`, `["deep",null]`},
		{`missing.[b]`, `null`},
		{`[zero, list[0]]`, `[0,0]`},
		{`{z: zero, "a b": yes, y: {x: no}}`, `{"z":0,"a b":true,"y":{"x":false}}`},
		{`{a: zero, b: yes, a: no}`, `{"a":false,"b":true}`},
		{`missing.{a: b}`, `null`},
		{`missing | {a: b}`, `null`},
		{`[*.b, list]`, `[[{"c":"deep"}],[0,1,2,3,4]]`},
		{`[ @.zero ]`, `[0]`},

		// literals
		{"`{\"b\": [1.0, 1E2], \"a\": null}`", `{"b":[1.0,1E2],"a":null}`},
		{"` \"spaced\" `", `"spaced"`},
		{"`bare text`", `"bare text"`},
		{"` bare `", `"bare "`},
		{"``", `""`},
		{"`tick \\` inside`", "\"tick ` inside\""},
		{"`\"a\\\\\\\\b\"`", `"a\\\\b"`},
		{"`01`", `"01"`},
		{`'raw'`, `"raw"`},
		{`''`, `""`},
		{`'it\'s'`, `"it's"`},
		{`'\n\\'`, `"\\n\\\\"`},
		{"'two\nlines'", `"two\nlines"`},
		{`'\ud800'`, `"\\ud800"`},
		{"`\"\\ud800\"`", `"\ud800"`},

		// operators
		{`zero && yes`, `true`},
		{`empty || yes`, `true`},
		{`none || blank || no || missing`, `null`},
		{`zero || yes`, `0`},
		{`empty && yes`, `""`},
		{`no && missing || yes`, `true`},
		{`no && (missing || yes)`, `false`},
		{`!empty`, `true`},
		{`!zero`, `false`},
		{`!!zero`, `true`},
		{`!a.b`, `null`},
		{`!(a.b)`, `false`},
		{"!zero == `false`", `true`},
		{`zero | @`, `0`},
		{"zero || missing | `2`", `2`},
		{"`1` == `1.0`", `true`},
		{"`1` == `1e0`", `true`},
		{"`0` == `-0`", `true`},
		{"`0` == `-0.0`", `true`},
		{"`1` == 'x'", `false`},
		{"`1` == `true`", `false`},
		{"`9007199254740993` == `9007199254740992`", `false`},
		{"`9007199254740993` == `9007199254740992.0`", `false`},
		{"`9007199254740992` == `9007199254740992.0`", `true`},
		{"`9007199254740993` > `9007199254740992.0`", `true`},
		{"`-9007199254740993` < `-9007199254740992.0`", `true`},
		{"`123456789012345678901` > `123456789012345678900`", `true`},
		{"`-123456789012345678901` > `-123456789012345678900`", `false`},
		{"`-1` < `1`", `true`},
		{"`1e999` > `123`", `true`},
		{"`1e999` == `1e1000`", `true`},
		{"`{\"a\":1,\"b\":[2]}` == `{\"b\":[2.0],\"a\":1}`", `true`},
		{"`{\"a\":1}` == `{\"b\":1}`", `false`},
		{"`[1,2]` == `[2,1]`", `false`},
		{"`[1]` != `[1,2]`", `true`},
		{"'a' < 'b'", `null`},
		{"`1` < 'b'", `null`},
		{"`1` < missing", `null`},
		{"`1` < `2` == `true`", `true`},
		{"missing == `null`", `true`},
		{"a.n == missing", `true`},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			t.Parallel()
			if tt.want == "" {
				if _, err := jmespath.Compile(tt.expression); err == nil {
					t.Error("compiled")
				}
				return
			}
			got, err := search(t, tt.expression, example)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNullsInAListThatIsItsOwnProjection(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`[*]`:    `[1,[null]]`,
		`[]`:     `[1]`,
		`[:]`:    `[1,[null]]`,
		`[::-1]`: `[[null],1]`,
		`@`:      `[null,1,[null]]`,
	} {
		if got, err := search(t, expression, `[null,1,[null]]`); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", expression, got, err, want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	x, err := jmespath.Compile("sort_by(people[?name], &name)[*].{name: name, tags: tags[] || `[1]`}")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsontree.ParseString(example)
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"name":"a","tags":[1]},{"name":"b","tags":["x","y"]},{"name":"c","tags":["z"]},{"name":"d","tags":[1]}]`
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				found, err := x.Search(v)
				if got := string(jsontree.Append(nil, found)); err != nil || got != want {
					t.Errorf("got %s, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}
