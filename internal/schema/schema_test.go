package schema

import (
	"os"
	"strings"
	"testing"
)

func TestKeywords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schema string
		good   []string
		bad    map[string]string // with a part of the problem
	}{
		{`{"type":"object"}`, []string{`{}`}, map[string]string{`[]`: "document is no object", `null`: "is no object"}},
		{`{"type":["string","null"]}`, []string{`""`, `null`}, map[string]string{`1`: "is no [string null]"}},
		{`{"type":"integer"}`, []string{`1`, `-2`, `1e3`}, map[string]string{`1e400`: "is no integer", `1.5`: "is no integer", `"1"`: "is no integer"}},
		{`{"type":"number"}`, []string{`1.5`, `1e400`}, map[string]string{`true`: "is no number"}},
		{`{"type":"boolean"}`, []string{`false`}, map[string]string{`0`: "is no boolean"}},
		{`{"required":["a","b"]}`, []string{`{"a":1,"b":null}`, `1`}, map[string]string{`{"a":1}`: "document has no b"}},
		{`{"properties":{"a":{"type":"string"}}}`, []string{`{"a":"x","b":1}`, `[]`}, map[string]string{`{"a":1}`: "document.a is no string"}},
		{`{"properties":{"a":true},"additionalProperties":false}`, []string{`{"a":1}`, `{}`}, map[string]string{`{"a":1,"b":1}`: "document.b is not allowed"}},
		{`{"additionalProperties":{"type":"number"}}`, []string{`{"a":1}`}, map[string]string{`{"a":"1"}`: "document.a is no number"}},
		{`{"patternProperties":{"^x":{"type":"number"}},"additionalProperties":false}`, []string{`{"x1":1}`},
			map[string]string{`{"x1":""}`: "document.x1 is no number", `{"y":1}`: "document.y is not allowed"}},
		{`{"patternProperties":{"^x":{"type":"number"}},"properties":{"x1":{"maximum":5}}}`, []string{`{"x1":5}`, `{"y":""}`},
			map[string]string{`{"x1":6}`: "is 6, beyond 5", `{"x2":""}`: "is no number"}},
		{`{"propertyNames":{"maxLength":2}}`, []string{`{"ab":1}`}, map[string]string{`{"abc":1}`: `document: the name "abc" is longer than 2`}},
		{`{"items":{"type":"string"}}`, []string{`["a"]`, `[]`, `{}`}, map[string]string{`["a",1]`: "document[1] is no string"}},
		{`{"minItems":1,"maxItems":2}`, []string{`[1]`, `[1,2]`, `""`}, map[string]string{`[]`: "has 0 items", `[1,2,3]`: "has 3 items"}},
		{`{"minLength":1,"maxLength":2}`, []string{`"é"`, `"éé"`, `1`}, map[string]string{`""`: "is shorter than 1", `"ééé"`: "is longer than 2"}},
		{`{"minimum":0,"maximum":9}`, []string{`0`, `9`, `"x"`}, map[string]string{`-1`: "is -1, beyond 0", `9.5`: "is 9.5, beyond 9"}},
		{`{"minProperties":1,"maxProperties":1}`, []string{`{"a":1}`, `[]`}, map[string]string{`{}`: "has 0 members", `{"a":1,"b":1}`: "has 2 members"}},
		{`{"pattern":"^a+$"}`, []string{`"aa"`, `1`}, map[string]string{`"ab"`: `"ab" does not match ^a+$`}},
		{`{"enum":["a",1,null]}`, []string{`"a"`, `1`, `null`}, map[string]string{`"b"`: "is none of"}},
		{`{"const":true}`, []string{`true`}, map[string]string{`false`: "is not true", `"true"`: "is not true"}},
		{`{"not":{"type":"string"}}`, []string{`1`}, map[string]string{`"a"`: "must not be"}},
		{`{"allOf":[{"type":"number"},{"minimum":1}]}`, []string{`1`}, map[string]string{`0`: "is 0, beyond 1", `""`: "is no number"}},
		{`{"anyOf":[{"type":"number"},{"minimum":1}]}`, []string{`1`, `""`, `0`}, nil},
		{`{"anyOf":[{"type":"number"},{"type":"string"}]}`, nil, map[string]string{`true`: "none of 2 things: document is no number; document is no string"}},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, []string{`{"a":1}`, `{"b":1}`},
			map[string]string{`{}`: "none of 2 things", `{"a":1,"b":1}`: "2 things of which it may only be one"}},
		{`{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}`, []string{`{"a":1,"b":1}`, `{"c":1}`},
			map[string]string{`{"a":1}`: "has no b", `{}`: "has no c"}},
		{`{"if":{"required":["a"]},"then":false}`, []string{`{}`}, map[string]string{`{"a":1}`: "document is not allowed"}},
		{`{"$ref":"#/$defs/list","$defs":{"list":{"items":{"$ref":"#/$defs/list"},"type":["array","string"]}}}`, []string{`[["a",[]]]`},
			map[string]string{`[["a",[1]]]`: "document[0][1][0] is no"}},
		{`{"properties":{"a":{"$ref":"#"}},"additionalProperties":false}`, []string{`{"a":{"a":{}}}`}, map[string]string{`{"a":{"b":1}}`: "document.a.b is not allowed"}},
		{`{"$schema":"x","$comment":"x","title":"x","description":"x","examples":[1]}`, []string{`1`}, nil},
		{`false`, nil, map[string]string{`1`: "document is not allowed"}},
	} {
		s, err := Compile([]byte(c.schema))
		if err != nil {
			t.Errorf("%s: %v", c.schema, err)
			continue
		}
		for _, document := range c.good {
			if problems := s.Problems([]byte(document)); problems != nil {
				t.Errorf("%s has against %s: %q", c.schema, document, problems)
			}
		}
		for document, want := range c.bad {
			if problems := s.Problems([]byte(document)); !strings.Contains(strings.Join(problems, "\n"), want) {
				t.Errorf("%s has against %s: %q, want %q", c.schema, document, problems, want)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{`:                              "unexpected end",
		`1`:                              "is no schema",
		`{"uniqueItems":true}`:           `uniqueItems: this validator does not know the keyword`,
		`{"items":{"format":"email"}}`:   `format: this validator does not know the keyword`,
		`{"$defs":{"a":{"x":1}}}`:        `x: this validator does not know the keyword`,
		`{"not":{"contains":{}}}`:        `contains: this validator does not know the keyword`,
		`{"anyOf":[{"dependent":1}]}`:    `dependent: this validator does not know the keyword`,
		`{"if":{"x":1}}`:                 `x: this validator does not know the keyword`,
		`{"if":true,"then":{"x":1}}`:     `x: this validator does not know the keyword`,
		`{"then":{}}`:                    "comes without an if",
		`{"type":"text"}`:                "text is no type",
		`{"type":["string",1]}`:          "1 is no type",
		`{"maxLength":"5"}`:              "maxLength: has a value of the wrong kind",
		`{"required":"a"}`:               "required: has a value of the wrong kind",
		`{"required":[1]}`:               "required: has a value of the wrong kind",
		`{"enum":1}`:                     "enum: has a value of the wrong kind",
		`{"pattern":1}`:                  "pattern: has a value of the wrong kind",
		`{"pattern":"("}`:                "missing closing",
		`{"patternProperties":{"(":1}}`:  "is no schema",
		`{"patternProperties":{"(":{}}}`: "missing closing",
		`{"properties":[]}`:              "properties: has a value of the wrong kind",
		`{"oneOf":[]}`:                   "oneOf: has a value of the wrong kind",
		`{"items":[{}]}`:                 "is no schema",
		`{"$ref":1}`:                     "has a value of the wrong kind",
		`{"$ref":"#/$defs/a"}`:           "leads nowhere",
		`{"$ref":"other.json"}`:          "is not within the schema",
		`{"$defs":1}`:                    "$defs has a value of the wrong kind",
		`{"minimum":1,"minimum":2}`:      `the member "minimum" twice`,
		`{"additionalProperties":1}`:     "is no schema",
	} {
		if _, err := Compile([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	s, err := Compile([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	for document, want := range map[string]string{
		``:                               "unexpected end",
		`{"a":1`:                         "unexpected end",
		`{} {}`:                          "after top-level value",
		"\"\xff\"":                       "document is not UTF-8",
		"{\"\xff\":1}":                   "document is not UTF-8",
		`{"a":1,"b":{},"a":1}`:           `document has the member "a" twice`,
		`{"a":[{"b":1},{"b":1,"b":[]}]}`: `document.a[1] has the member "b" twice`,
		`{"a":{"x":1,"\u0078":2}}`:       `document.a has the member "x" twice`,
		`{"":1,"":1}`:                    `document has the member "" twice`,
	} {
		if problems := s.Problems([]byte(document)); !strings.Contains(strings.Join(problems, "\n"), want) {
			t.Errorf("%q: %q, want %q", document, problems, want)
		}
	}
	for _, document := range []string{`{"a":{"a":1},"b":{"a":1}}`, `[{"a":1},{"a":1}]`, ` 1 `, `"\ud800"`, `123456789012345678901234567890`, `[1e400,1]`} {
		if problems := s.Problems([]byte(document)); problems != nil {
			t.Errorf("%s: %q", document, problems)
		}
	}
}

// TestPublishedSchema compiles a schema that was written elsewhere.
func TestPublishedSchema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../metrics/testdata/emf-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(text); err != nil {
		t.Error(err)
	}
}
