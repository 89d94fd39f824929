package path_test

import (
	"encoding/base64"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
	"github.com/lambdakit/lambdakit/idempotency/internal/path"
)

const event = ` { "orderId" : "o-1" , "n" : [ 1 , { "id" : 1.0 } , "é\n" , null ] , "a b" : { "x-id" : true } ,
	"body" : "{\"user\":{\"id\":7,\"name\":\"\\u00e9\"}}", "dup":1, "dup":2, "empty":[], "":7, "fffd":"\"\ufffd\"", "null":null,
	"b64":"eyJiIjoxLCJhIjoiw6kifQ==","gz":"H4sIAAAAAAAAA6tWSlKyMtRRSlSyUjq8UqkWAJ9WnHgQAAAA" } `

func TestFind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`orderId`: `"o-1"`, `@.orderId`: `"o-1"`, ` orderId `: `"o-1"`, `"orderId"`: `"o-1"`, `missing`: `null`, `null`: `null`, `orderId.x`: `null`, `orderId[0]`: `null`,
		`n[0]`: `1`, `n[-1]`: `null`, `n[-2]`: `"é\n"`, `n[4]`: `null`, `n[9]`: `null`, `n[3]`: `null`, `n[-5]`: `null`, `n[1].id`: `1.0`, `n[ 1 ] . id`: `1.0`, `empty[0]`: `null`, `empty[-1]`: `null`,
		`"a b"."x-id"`: `true`, `""`: `7`, `"".a`: `null`, `{"": ""}`: `{"":7}`, `powertools_json(fffd)`: `"�"`, `dup`: `2`, `[0]`: `null`, `"\u006frderId"`: `"o-1"`,
		`[orderId, n[0], missing]`: `["o-1",1,null]`, `n[1].[id]`: `[1.0]`, `missing.[a]`: `null`, `{a: orderId, "b c": n[0], a: dup}`: `{"a":2,"b c":1}`,
		`powertools_json(body)`: `{"user":{"id":7,"name":"\u00e9"}}`, `powertools_json(body).user.id`: `7`, `powertools_json(body).user.[id, name]`: `[7,"\u00e9"]`,
		`powertools_json(powertools_base64(b64)).a`: `"é"`, `powertools_base64_gzip(gz)`: `"{\"b\":1,\"a\":\"é\"}"`, `[powertools_json(body).user][0].id`: `7`,
	} {
		p, err := path.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := p.Find([]byte(event))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	for text, event := range map[string]string{
		`powertools_json(a)`: `{"a":1}`, `powertools_json(i)`: `{"i":12}`, `powertools_json(j)`: `{"j":["1"]}`, `powertools_json(k)`: `{"k":{"a":"1"}}`, `powertools_json(l)`: `{"l":true}`, `powertools_json(m)`: "{\"m\":\"\\\"\xff\\\"\"}", `powertools_json(o)`: `{"o":`, `powertools_json(h)`: `{"h":"\"\ud800\""}`, `powertools_json(b)`: `{"a":1}`, `powertools_json(c)`: `{"c":"{"}`, `powertools_base64(d)`: `{"d":"eyJ"}`,
		`powertools_base64_gzip(e)`: `{"e":"eyJiIjoxLCJhIjoiw6kifQ=="}`, `powertools_base64(f)`: `{"f":"/////w=="}`, `powertools_base64(g)`: "{\"g\":\"\xff\"}",
		`a`: `{"a":1`, `b`: ``, `c.d`: `{"c":{"d"}`, `e[1]`: `{"e":[1 2]}`, `[a]`: ` `,
	} {
		p, err := path.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got, err := p.Find([]byte(event)); err == nil {
			t.Errorf("%s of %s: %s", text, event, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `.`, `a.`, `.a`, `a..b`, `a[`, `a[]`, `a[x]`, `a[+1]`, `a[1`, `a[0:1]`, `a[*]`, `*`, `a.*`, `[*]`, `a[?b]`, `a | b`, `a || b`, `!a`, "`1`", `'a'`,
		`"a`, `"\ud800"`, `"\ufffd"`, `{"\udc00": a}`, `a b`, `[a`, `[a,]`, `[]`, `{a}`, `{a b}`, `{a; b}`, `{a:}`, `{a:b`, `{}`, `{1:a}`, `length(a)`, `powertools_json` + `(a`, `powertools_json()`, `a-b`, `a$`, `1a`, `&a`, `a.@`, `a.(b)`,
		strings.Repeat("[", 1000) + "a" + strings.Repeat("]", 1000),
	} {
		if _, err := path.Parse(text); err == nil {
			t.Errorf("%q is a path", text)
		}
	}
}

// FuzzFind compares with the whole language: what is a path is an expression, and means the
// same.
func FuzzFind(f *testing.F) {
	for _, text := range []string{`a.b[0]`, `[a, b.c]`, `{x: a, y: b[-1]}`, `powertools_json(s).k`, `"a"."b c"`, `@`, `a.[b][0]`} {
		f.Add(text, `{"a":{"b":[1,2.0],"b c":null},"b":[],"s":"{\"k\":1}"}`)
	}
	f.Fuzz(func(t *testing.T, text, event string) {
		p, err := path.Parse(text)
		if err != nil {
			return
		}
		full, err := jmespath.Compile(text)
		if err != nil {
			t.Fatalf("%q is a path, but no expression: %v", text, err)
		}
		tree, err := jsontree.Parse([]byte(event))
		if err != nil {
			return // Find looks at a part of it only
		}
		compare(t, p, full, tree, event, text)
	})
}

func compare(t *testing.T, p path.Path, full *jmespath.Expression, tree jsontree.Value, event, text string) {
	want, wantErr := full.Search(tree)
	got, err := p.Find([]byte(event))
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q of %s: %s, %v; JMESPath has %s, %v", text, event, got, err, jsontree.Append(nil, want), wantErr)
	}
	if err != nil {
		return
	}
	found, err := jsontree.Parse(got)
	if err != nil || string(jsontree.Append(nil, found)) != string(jsontree.Append(nil, want)) {
		t.Fatalf("%q of %s: %s, %v; JMESPath has %s", text, event, got, err, jsontree.Append(nil, want))
	}
}

// TestPathsAreJMESPath does what FuzzFind does for paths made by chance.
func TestPathsAreJMESPath(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var make func(depth int) string
	make = func(depth int) string {
		if depth == 0 {
			return pick("a", "b", `"c d"`, `""`, "s", "@")
		}
		switch r.IntN(7) {
		case 0:
			return make(depth-1) + "[" + pick("0", "1", "-1", "-2") + "]"
		case 1:
			return "[" + make(depth-1) + ", " + make(depth-1) + "]"
		case 2:
			return "{x: " + make(depth-1) + ", y: " + make(depth-1) + "}"
		case 3:
			return pick("powertools_json", "powertools_base64") + "(" + make(depth-1) + ")"
		default:
			return make(depth-1) + "." + pick("a", "b", `"c d"`, `""`, "s", "[a, b]", "{z: a}", "powertools_json(s)")
		}
	}
	events := []string{
		`{"a":{"a":[1,{"b":2.50}],"b":"x"},"b":[[1],[{"a":null}]],"c d":"{\"a\":{\"b\":1}}","s":"{\"a\":[1,2],\"b\":\"\"}"}`,
		`{"a":"eyJhIjoxfQ==","b":{"s":"[]","a":{"s":"1"}},"s":"{\"s\":\"2\",\"\":0}","":{"":[3]}}`, `[{"a":1}]`, `"x"`, `null`,
	}
	for range 20_000 {
		text, event := make(r.IntN(4)), events[r.IntN(len(events))]
		p, err := path.Parse(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		full, err := jmespath.Compile(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		tree, _ := jsontree.Parse([]byte(event))
		compare(t, p, full, tree, event, text)
	}
}

// Not parallel: the counts are of the whole process.
func TestPath_DecodesWithoutTextInBetween(t *testing.T) {
	inner := `{"id":"` + strings.Repeat("x", 100_000) + `"}`
	event := []byte(`{"a":"` + base64.StdEncoding.EncodeToString([]byte(inner)) + `"}`)
	p, err := path.Parse("powertools_json(powertools_base64(a)).id")
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := p.Find(event)
	runtime.ReadMemStats(&after)
	if err != nil || len(got) != 100_002 {
		t.Fatalf("got %.20s, %v", got, err)
	}
	// The text of base64, what it decodes to as bytes, and as text.
	if n, most := after.TotalAlloc-before.TotalAlloc, uint64(4*len(event)); n > most {
		t.Errorf("got %d bytes that are allocated, want %d at most", n, most)
	}
}

func TestPath_Depth(t *testing.T) {
	t.Parallel()
	for n, ok := range map[int]bool{100: true, 101: false} {
		for _, text := range []string{strings.Repeat("[", n) + "a" + strings.Repeat("]", n), strings.Repeat("powertools_json(", n) + "a" + strings.Repeat(")", n), strings.Repeat("{b: ", n) + "a" + strings.Repeat("}", n)} {
			if _, err := path.Parse(text); (err == nil) != ok {
				t.Errorf("%.30s, %d deep: got %v, want success: %v", text, n, err, ok)
			}
		}
	}
}

func TestPath_DiffersAsJMESPathDoes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`a.b[0]`: false, `[a, {"": b}]`: false, `powertools_json(body).["1", id]`: false, `@`: false, `{constructor: a}`: false,
		`""`: true, `a.""`: true, `"".a`: true, `""[0]`: true, `[a, ""]`: true, `{x: ""}`: true, `powertools_json("").a`: true,
		`constructor`: true, `a.toString`: true, `powertools_json(body).valueOf`: true, `{"__proto__": a}`: true, `[a, {x: b, "__proto__": a}]`: true,
	} {
		p, err := path.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		full, err := jmespath.Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := p.Differs(foreign.Python); d != nil {
			t.Errorf("%s differs in Python: got %v, want no difference", text, *d)
		}
		got, as := p.Differs(foreign.TypeScript), full.Differs(foreign.TypeScript)
		if (got != nil) != want || (as != nil) != want || want && *got != *as {
			t.Errorf("%s differs in TypeScript: got %v, in JMESPath %v, want %v", text, got, as, want)
		}
	}
}
