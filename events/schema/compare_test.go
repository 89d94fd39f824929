package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/events/schema"
)

// compare returns the verdict and the breaks of a change, a line each.
func compare(t *testing.T, old, current string) string {
	t.Helper()
	r, err := schema.Compare([]byte(old), []byte(current))
	if err != nil {
		t.Fatalf("%s, %s: %v", old, current, err)
	}
	lines := []string{r.Verdict()}
	for _, b := range r.Breaks {
		lines = append(lines, b.String())
	}
	return strings.Join(lines, "\n")
}

func TestCompare_Keywords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, current, want string }{
		{"equal but for annotations", `{"type":"string","title":"a","format":"email"}`, `{"type":"string","description":"b"}`, "full"},
		{"equal", `{"not":{"$ref":"https://example.com/x"}}`, `{"not":{"$ref":"https://example.com/x"}}`, "full"},
		{"type", `{"type":"integer"}`, `{"type":"string"}`, "none\n/type: type was integer, is string (breaks backward and forward)"},
		{"integer to number", `{"type":"integer"}`, `{"type":"number"}`, "backward\n/type: type was integer, is number (breaks forward)"},
		{"types", `{"type":"string"}`, `{"type":["null","string"]}`, "backward\n/type: type was string, is null or string (breaks forward)"},
		{"any type", `{}`, `{"type":"object"}`, "forward\n/type: type was any, is object (breaks backward)"},
		{"booleans", `true`, `false`, "forward\nthe schema: nothing is accepted on one side; the other has the type any (breaks backward)"},
		{"true and empty", `true`, `{}`, "full"},

		{"enum", `{"enum":["a","b"]}`, `{"enum":["b","c"]}`, "none\n/enum: the value \"a\" was removed (breaks backward)\n/enum: the value \"c\" was added (breaks forward)"},
		{"enum added", `{"type":"string"}`, `{"type":"string","enum":["b"]}`, "forward\n/enum: enum was added (breaks backward)"},
		{"const to enum", `{"const":1}`, `{"enum":[1.0,2]}`, "backward\n/const: the value 2 was added (breaks forward)"},
		{"signs", `{"enum":[1,-2]}`, `{"enum":[-1,2]}`, "none\n/enum: the value -1 was added (breaks forward)\n/enum: the value -2 was removed (breaks backward)\n/enum: the value 1 was removed (breaks backward)\n/enum: the value 2 was added (breaks forward)"},
		{"enum of two types", `{"type":["string","null"],"enum":["a",null]}`, `{"type":"string"}`, "none\n/enum: enum was removed (breaks forward)\n/type: type was null or string, is string (breaks backward)"},
		{"null is an enum", `{"type":"null"}`, `{"enum":[null,1]}`, "backward\n/type: type was null, is null or integer (breaks forward)"},
		{"values within limits", `{"enum":["ab",3]}`, `{"maxLength":2,"minimum":3,"type":["string","integer"]}`, "backward\n/enum: enum was removed (breaks forward)"},
		{"values beyond limits", `{"enum":["abc",2]}`, `{"maxLength":2,"minimum":3}`, "none\n/enum: enum was removed (breaks forward)\n/maxLength: maxLength was not there, is 2 (breaks backward)\n/minimum: minimum was not there, is 3 (breaks backward)"},

		{"minimum", `{"type":"integer","minimum":1}`, `{"type":"integer","minimum":2}`, "forward\n/minimum: minimum was 1, is 2 (breaks backward)"},
		{"large numbers", `{"minimum":9007199254740992}`, `{"minimum":9007199254740993}`, "forward\n/minimum: minimum was 9007199254740992, is 9007199254740993 (breaks backward)"},
		{"exclusive", `{"minimum":1}`, `{"exclusiveMinimum":1}`, "forward\n/exclusiveMinimum: minimum was 1, is 1 exclusive (breaks backward)"},
		{"limits of other types", `{"type":"string"}`, `{"type":"string","minimum":1,"minItems":2,"required":["a"],"multipleOf":2}`, "full"},
		{"both limits", `{"maximum":5,"exclusiveMaximum":3}`, `{"maximum":3}`, "backward\n/exclusiveMaximum: maximum was 3 exclusive, is 3 (breaks forward)"},
		{"both limits of one number", `{"minimum":1,"exclusiveMinimum":1}`, `{"minimum":1}`, "backward\n/exclusiveMinimum: minimum was 1 exclusive, is 1 (breaks forward)"},
		{"exclusive in Draft 4", `{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1,"exclusiveMinimum":true}`, `{"$schema":"http://json-schema.org/draft-04/schema","minimum":1}`, "backward\n/exclusiveMinimum: minimum was 1 exclusive, is 1 (breaks forward)"},
		{"lengths", `{"type":"string","minLength":0,"maxLength":5}`, `{"type":"string","maxLength":6}`, "backward\n/maxLength: maxLength was 5, is 6 (breaks forward)"},
		{"items count", `{"type":"array","maxItems":5}`, `{"type":"array","minItems":1,"maxItems":5.0}`, "forward\n/minItems: minItems was not there, is 1 (breaks backward)"},
		{"pattern", `{"type":"string","pattern":"^a"}`, `{"type":"string","pattern":"^ab"}`, "none\n/pattern: pattern was ^a, is ^ab (breaks backward and forward)"},
		{"pattern removed", `{"type":"string","pattern":"^a"}`, `{"type":"string"}`, "backward\n/pattern: pattern was ^a, is not there (breaks forward)"},

		{"items", `{"type":"array","items":{"type":"integer"}}`, `{"type":"array","items":{"type":"number"}}`, "backward\n/items/type: type was integer, is number (breaks forward)"},
		{"items added", `{"type":"array"}`, `{"type":"array","items":{"type":"number"}}`, "forward\n/items/type: type was any, is number (breaks backward)"},
		{"prefixItems", `{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}`, `{"type":"array","items":{"type":"integer"}}`, "none\n/items/type: type was any, is integer (breaks backward)\n/prefixItems: prefixItems cannot be compared (breaks forward)"},

		{"optional member added", `{"properties":{"a":{"type":"string"}},"type":"object"}`, `{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"type":"object"}`, "full"},
		{"required member added", `{"type":"object","properties":{}}`, `{"type":"object","properties":{"b":{}},"required":["b"]}`, "forward\n/required: the member \"b\" is required now (breaks backward)"},
		{"member not required any more", `{"type":"object","properties":{"b":{}},"required":["b"]}`, `{"type":"object","properties":{"b":{}}}`, "backward\n/required: the member \"b\" is not required any more (breaks forward)"},
		{"member of another type", `{"type":"object","properties":{"a/b":{"type":"string"}}}`, `{"type":"object","properties":{"a/b":{"type":"integer"}}}`, "none\n/properties/a~1b/type: type was string, is integer (breaks backward and forward)"},
		{"member removed, others refused", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{},"additionalProperties":false}`, "forward\n/additionalProperties: the member \"a\" is not accepted by the new schema (breaks backward)"},
		{"member refused now", `{"type":"object","properties":{"a":{"type":"string"}}}`, `{"type":"object","properties":{"a":false}}`, "forward\n/properties/a: nothing is accepted on one side; the other has the type string (breaks backward)"},
		{"other members refused now", `{"type":"object","properties":{"a":{}},"additionalProperties":true}`, `{"type":"object","properties":{"a":{}},"additionalProperties":false}`, "forward\n/additionalProperties: other members are not accepted by the new schema (breaks backward)"},
		{"others not described are not written", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"additionalProperties":false}`, "full"},
		{"an object of anything", `{"type":"object"}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, "forward\n/properties/a/type: type was any, is string (breaks backward)"},
		{"map", `{"type":"object","additionalProperties":{"type":"integer"}}`, `{"type":"object","additionalProperties":{"type":"number"}}`, "backward\n/additionalProperties/type: type was integer, is number (breaks forward)"},
		{"map to struct", `{"type":"object","additionalProperties":{"type":"string"}}`, `{"type":"object","properties":{"a":{"type":"integer"}}}`, "none\n/properties/a/type: type was string, is integer (breaks backward and forward)"},
		{"pattern members may occur", `{"type":"object","properties":{},"patternProperties":{"^x":{}}}`, `{"type":"object","properties":{"xa":{"type":"integer"}}}`, "none\n/patternProperties: patternProperties cannot be compared (breaks forward)\n/properties/xa/type: type was any, is integer (breaks backward)"},

		{"not", `{"not":{"type":"string"}}`, `{"not":{"type":"null"}}`, "none\n/not: not cannot be compared (breaks backward and forward)"},
		{"equal not", `{"type":"string","not":{"maxLength":1}}`, `{"type":["string","null"],"not":{"maxLength":1.0}}`, "backward\n/type: type was string, is null or string (breaks forward)"},
		{"contains depends on minContains", `{"type":"array","contains":{},"minContains":0}`, `{"type":"array","contains":{}}`, "none\n/contains: contains cannot be compared (breaks backward and forward)"},
		{"unknown keyword", `{"x-unit":"cm"}`, `{"x-unit":"mm"}`, "none\n/x-unit: the unknown keyword x-unit changed and cannot be compared (breaks backward and forward)"},
		{"unknown keyword in a new member", `{"type":"object","properties":{"a":{"x":1}}}`, `{"type":"object","properties":{"a":{"x":1},"b":{"x":1}}}`, "full"},
		{"siblings of a reference in Draft 7", `{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/a","not":{},"definitions":{"a":{"type":"string"}}}`, `{"$schema":"http://json-schema.org/draft-07/schema#","type":"string","not":{}}`, "forward\n/not: not cannot be compared (breaks backward)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := compare(t, c.old, c.current); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestCompare_Numbers compares limits as numbers of any size, without rounding.
func TestCompare_Numbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ low, high string }{
		{"-2", "-1"}, {"-1", "0"}, {"-0.5", "0.25"}, {"0.1", "0.11"}, {"99", "1e2"}, {"1.5e-3", "0.0016"},
		{"-1e300", "-1e299"}, {"1e400", "1.0000000000000000000000001e400"}, {"-12", "-11.99"}, {"9", "10"},
	} {
		low, high := `{"type":"number","minimum":`+c.low+`}`, `{"type":"number","minimum":`+c.high+`}`
		if got, _, _ := strings.Cut(compare(t, low, high), "\n"); got != "forward" {
			t.Errorf("minimum %s to %s: got %s, want forward", c.low, c.high, got)
		}
		if got, _, _ := strings.Cut(compare(t, high, low), "\n"); got != "backward" {
			t.Errorf("minimum %s to %s: got %s, want backward", c.high, c.low, got)
		}
	}
	for _, c := range []struct{ a, b string }{{"1", "1.0"}, {"100", "1e2"}, {"-0", "0e5"}, {"0.50", "5e-1"}, {"-1.20", "-12e-1"}} {
		if got := compare(t, `{"const":`+c.a+`,"title":"t"}`, `{"const":`+c.b+`}`); got != "full" {
			t.Errorf("const %s to %s: got %s, want full", c.a, c.b, got)
		}
	}
	if got := compare(t, `{"enum":[1,2.50,-3]}`, `{"type":"integer"}`); !strings.Contains(got, "/type: type was number, is integer (breaks backward)") {
		t.Errorf("got %s, want a break of the type, because 2.50 is not an integer", got)
	}
}

func TestCompare_ReferencesAndCombinations(t *testing.T) {
	t.Parallel()
	const nullable = `{"anyOf":[{"$ref":"#/$defs/A"},{"type":"null"}],"$defs":{"A":{"type":"object","properties":{"n":{"type":%q}}}}}`
	tree := func(leaf string) string {
		return fmt.Sprintf(`{"type":"object","properties":{"v":{"type":%q},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["v"]}`, leaf)
	}
	for _, c := range []struct{ name, old, current, want string }{
		{"inlined", `{"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}}`, `{"type":"string"}`, "full"},
		{"names of definitions", `{"$ref":"#/$defs/a","$defs":{"a":{"type":"string"}}}`, `{"$ref":"#/definitions/b%25","definitions":{"b%":{"type":"string"}}}`, "full"},
		{"inside a definition", `{"$ref":"#/$defs/a","$defs":{"a":{"type":"integer"}}}`, `{"$ref":"#/$defs/a","$defs":{"a":{"type":"number"}}}`, "backward\n/$defs/a/type: type was integer, is number (breaks forward)"},
		{"limits beside a reference", `{"$ref":"#/$defs/a","maxItems":3,"$defs":{"a":{"type":"array"}}}`, `{"allOf":[{"$ref":"#/$defs/a"}],"maxItems":4,"$defs":{"a":{"type":"array"}}}`, "backward\n/maxItems: maxItems was 3, is 4 (breaks forward)"},
		{"to nullable", `{"type":"object","properties":{"n":{"type":"integer"}}}`, fmt.Sprintf(nullable, "integer"), "backward\n/anyOf/1/type: type was object, is null (breaks forward)"},
		{"inside a nullable", fmt.Sprintf(nullable, "integer"), fmt.Sprintf(nullable, "number"), "backward\n/$defs/A/properties/n/type: type was integer, is number (breaks forward)"},
		{"anyOf to a list of types", `{"anyOf":[{"type":"string"},{"type":"null"}]}`, `{"type":["string","null"]}`, "full"},
		{"anyOf without a fit", `{"type":"string"}`, `{"anyOf":[{"type":"string","maxLength":3},{"type":"string","minLength":2}]}`, "forward\n/anyOf: no schema of the list reads each string (breaks backward)"},
		{"oneOf", `{"oneOf":[{"type":"string"},{"type":"null"}]}`, `{"type":["string","null"]}`, "backward\n/oneOf: oneOf cannot be compared (breaks forward)"},
		{"allOf", `{"allOf":[{"type":"object","properties":{"a":{}},"required":["a"]},{"properties":{"b":{}}}]}`, `{"type":"object","properties":{"a":{}},"required":["a"],"additionalProperties":false}`, "forward\n/additionalProperties: the member \"b\" is not accepted by the new schema (breaks backward)"},
		{"allOf that uses a definition twice", `{"type":"string"}`, `{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"string"}}}`, "full"},
		{"recursive", tree("integer"), tree("number"), "backward\n/properties/v/type: type was integer, is number (breaks forward)"},
		{"recursive and equal", tree("integer"), strings.Replace(tree("integer"), `"required"`, `"title":"t","required"`, 1), "full"},
		{"unrolled", tree("integer"), `{"$ref":"#/$defs/t","$defs":{"t":` + strings.ReplaceAll(tree("integer"), `"#"`, `"#/$defs/t"`) + `}}`, "full"},
		{"nothing but itself", `{"$ref":"#"}`, `{"type":"string"}`, "none"},
		{"itself among others", `{"type":"string"}`, `{"anyOf":[{"$ref":"#"},{"type":"null"}]}`, "none"},
		{"other document", `{"$ref":"https://example.com/a","title":"a"}`, `{"$ref":"https://example.com/a"}`, "none\n/$ref: the reference https://example.com/a cannot be compared (breaks backward and forward)"},
		{"id inside", `{"type":"object","properties":{"a":{"$id":"https://example.com","$ref":"#/properties"}}}`, `{"type":"object","title":"t","properties":{"a":{"$id":"https://example.com","$ref":"#/properties"}}}`, "none"},
		{"id inside the writer", `{"type":"object","properties":{"a":{"$id":"https://example.com","$ref":"#/definitions/b","definitions":{"b":{}}}},"definitions":{"b":{"type":"string"}}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, "none\n/properties/a/$id: $id cannot be compared (breaks forward)\n/properties/a/$ref: the reference #/definitions/b cannot be compared (breaks forward)\n/properties/a/type: type was any, is string (breaks backward)"},
		{"equal id inside", `{"type":"object","properties":{"a":{"$id":"https://example.com"}}}`, `{"type":"object","title":"t","properties":{"a":{"$id":"https://example.com"}}}`, "full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := compare(t, c.old, c.current); got != c.want && !strings.HasPrefix(got, c.want+"\n") {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCompare_RefusesOtherTexts(t *testing.T) {
	t.Parallel()
	const ok = `{"type":"string"}`
	for _, c := range []struct{ name, text, want string }{
		{"no JSON", `{`, "schema: read the new schema: the schema is not JSON: unexpected EOF"},
		{"empty", ``, "unexpected EOF"},
		{"two values", `{} {}`, "there is text behind the JSON value"},
		{"a list", `[]`, "schema: read the new schema: the schema: a schema is an object or a boolean"},
		{"a member twice", `{"type":"string","type":"null"}`, `an object has the member "type" twice`},
		{"another draft", `{"$schema":"http://json-schema.org/draft-03/schema#"}`, `the $schema "http://json-schema.org/draft-03/schema#" is not JSON Schema 2020-12`},
		{"two drafts", `{"$schema":"http://json-schema.org/draft-04/schema#"}`, "schema: the old schema is of 2020-12, and the new one of Draft 4"},
		{"a draft inside", `{"items":{"$schema":"http://json-schema.org/draft-04/schema#"}}`, "/items/$schema: another draft"},
		{"type", `{"properties":{"a":{"type":"int"}}}`, "/properties/a/type: want the name of a type"},
		{"limit", `{"minimum":"1"}`, "/minimum: want a number"},
		{"exclusive limit", `{"exclusiveMinimum":true}`, "/exclusiveMinimum: want a number"},
		{"count", `{"maxItems":-1}`, "/maxItems: want a count"},
		{"exponent", `{"maximum":1e99999999999}`, "the exponent of the number 1e99999999999 is too large"},
		{"required", `{"required":"a"}`, "/required: want a list of names"},
		{"anyOf", `{"anyOf":[]}`, "/anyOf: want a list of schemas"},
		{"behind a reference", `{"$ref":"#/x","x":7}`, "/x: a schema is an object or a boolean"},
		{"depth", strings.Repeat("[", 1_000_000), "the schema is nested deeper than 256 levels"},
		{"depth of schemas", strings.Repeat(`{"items":`, 100_000), "the schema is nested deeper than 256 levels"},
		{"size", `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, "the schema has 1048588 bytes; at most 1048576 are read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.Compare([]byte(ok), []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		})
	}
}

// TestCompare_WorkIsBounded compares schemas whose alternatives multiply.
func TestCompare_WorkIsBounded(t *testing.T) {
	t.Parallel()
	alternatives := `{"allOf":[` + strings.Repeat(`{"anyOf":[{"minimum":1},{"maximum":2}]},`, 60) + `{}]}`
	var definitions strings.Builder
	for i := range 200 {
		fmt.Fprintf(&definitions, `"%d":{"anyOf":[{"$ref":"#/$defs/%d"},{"$ref":"#/$defs/%d"}],"properties":{"a":{"$ref":"#/$defs/%d"},"b":{"$ref":"#/$defs/%d"}}},`, i, i+1, i+1, i+1, (i*7)%200)
	}
	shared := `{"$ref":"#/$defs/0","$defs":{` + definitions.String() + `"200":{"type":%q}}}`
	var many strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&many, `"%d",`, i)
	}
	for _, c := range []struct{ name, old, current string }{
		{"alternatives", alternatives, `{"type":"integer"}`},
		{"shared definitions", fmt.Sprintf(shared, "integer"), fmt.Sprintf(shared, "number")},
		{"names and values", `{"required":[` + many.String() + `"x"],"enum":[` + many.String() + `"x"]}`, `{"type":"object","required":[` + many.String() + `"y"],"enum":[` + many.String() + `"y"]}`},
		{"allOf of many", `{"type":"string"}`, `{"allOf":[` + strings.Repeat(`{"$ref":"#/allOf/9"},`, 9) + `{"enum":["a"]},` + strings.Repeat(`{"pattern":"x"},`, 20_000) + `{}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := schema.Compare([]byte(c.old), []byte(c.current))
			if err != nil {
				t.Fatal(err)
			}
			if r.Backward && r.Forward || len(r.Breaks) > 300 {
				t.Errorf("got %s with %d breaks, want a break, and at most 300", r.Verdict(), len(r.Breaks))
			}
		})
	}
}

func FuzzCompare(f *testing.F) {
	for _, text := range []string{
		`true`, `{"type":["string","null"],"enum":["a",null]}`, `{"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#"}}}}`,
		`{"anyOf":[{"type":"object","properties":{"a":false},"required":["a"],"additionalProperties":{"minimum":1e3}},{"$ref":"#"}]}`,
		`{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1,"exclusiveMinimum":true,"oneOf":[{}],"x":1,"not":{}}`,
	} {
		f.Add(text, `{"type":"object","properties":{"a":{"type":"integer"}}}`)
		f.Add(text, text+" ")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		there, err := schema.Compare([]byte(a), []byte(b))
		back, backErr := schema.Compare([]byte(b), []byte(a))
		if (err == nil) != (backErr == nil) {
			t.Fatalf("got the errors %v and %v, want both or none", err, backErr)
		}
		if err != nil {
			return
		}
		if there.Backward != back.Forward || there.Forward != back.Backward {
			t.Errorf("%s, %s: got %s and in reverse %s", a, b, there.Verdict(), back.Verdict())
		}
		again, _ := schema.Compare([]byte(a), []byte(b))
		if fmt.Sprint(again) != fmt.Sprint(there) {
			t.Errorf("%s, %s: got %v, then %v", a, b, there, again)
		}
		if same, err := schema.Compare([]byte(a), []byte(a)); err != nil || same.Verdict() != "full" {
			t.Errorf("%s and itself: got %v, %v, want full", a, same, err)
		}
		broken := false
		for _, x := range there.Breaks {
			broken = broken || x.Backward
		}
		if broken == there.Backward {
			t.Errorf("%s, %s: got backward %v with the breaks %v", a, b, there.Backward, there.Breaks)
		}
	})
}
