package schema_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/schema"
)

type (
	Address struct {
		City string `json:"city" minLength:"1" doc:"A city."`
	}
	Tree  []Tree
	order struct {
		ID     string            `json:"id"`
		Total  int8              `json:"total" exclusiveMinimum:"0"`
		Kind   *string           `json:"kind" enum:"a,b"`
		Note   string            `json:"note,omitempty"`
		Home   Address           `json:"home" doc:"A home."`
		Work   *Address          `json:"work"`
		Other  *Address          `json:"other,omitempty"`
		Tags   []string          `json:"tags" maxItems:"3"`
		Labels map[string]string `json:"labels,omitzero"`
		At     time.Time         `json:"at"`
		Raw    json.RawMessage   `json:"raw"`
		IP     netip.Addr        `json:"ip"`
		Photo  []byte            `json:"photo"`
		Parent *order            `json:"parent"`
		Tree   Tree              `json:"tree" maxItems:"2"`
	}
	embedded struct{ *inner }
	inner    struct{ List []int }
)

// wantAt checks the JSON at a place in a document. The names of the place are separated by spaces.
func wantAt(t *testing.T, document []byte, place, want string) {
	t.Helper()
	var v, wanted any
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(place) {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if !reflect.DeepEqual(v, wanted) {
		got, _ := json.Marshal(v)
		t.Errorf("%s: got %s, want %s", place, got, want)
	}
}

func of(t *testing.T, v any, draft schema.Draft) []byte {
	t.Helper()
	text, err := schema.OfType(reflect.TypeOf(v), draft)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestOfType_Members(t *testing.T) {
	t.Parallel()
	text := of(t, order{}, schema.Draft2020)
	for place, want := range map[string]string{
		"$schema":           `"https://json-schema.org/draft/2020-12/schema"`,
		"type":              `"object"`,
		"required":          `["id","total","kind","home","work","tags","at","raw","ip","photo","parent","tree"]`,
		"properties total":  `{"type":"integer","format":"int32","minimum":-128,"maximum":127,"exclusiveMinimum":0}`,
		"properties kind":   `{"type":["string","null"],"enum":["a","b",null]}`,
		"properties home":   `{"$ref":"#/$defs/Address","description":"A home."}`,
		"properties work":   `{"anyOf":[{"$ref":"#/$defs/Address"},{"type":"null"}]}`,
		"properties other":  `{"$ref":"#/$defs/Address"}`,
		"properties tags":   `{"type":["array","null"],"maxItems":3,"items":{"type":"string"}}`,
		"properties labels": `{"type":"object","additionalProperties":{"type":"string"}}`,
		"properties raw":    `{}`,
		"properties photo":  `{"type":["string","null"],"contentEncoding":"base64"}`,
		"properties parent": `{"anyOf":[{"$ref":"#"},{"type":"null"}]}`,
		"properties tree":   `{"anyOf":[{"$ref":"#/$defs/Tree","maxItems":2},{"type":"null"}]}`,
		"$defs Address":     `{"type":"object","required":["city"],"properties":{"city":{"type":"string","minLength":1,"description":"A city."}}}`,
		"$defs order":       `null`,
	} {
		wantAt(t, text, place, want)
	}
}

func TestOfType_Draft4(t *testing.T) {
	t.Parallel()
	text := of(t, order{}, schema.Draft4)
	for place, want := range map[string]string{
		"$schema":          `"http://json-schema.org/draft-04/schema#"`,
		"properties total": `{"type":"integer","format":"int32","minimum":0,"maximum":127,"exclusiveMinimum":true}`,
		"properties kind":  `{"type":["string","null"],"enum":["a","b",null]}`,
		"properties home":  `{"allOf":[{"$ref":"#/definitions/Address"}],"description":"A home."}`,
		"properties work":  `{"anyOf":[{"$ref":"#/definitions/Address"},{"type":"null"}]}`,
		"properties photo": `{"type":["string","null"],"format":"byte"}`,
		"properties tree":  `{"anyOf":[{"allOf":[{"$ref":"#/definitions/Tree"}],"maxItems":2},{"type":"null"}]}`,
		"$defs":            `null`,
		"definitions Tree": `{"type":"array","items":{"anyOf":[{"$ref":"#/definitions/Tree"},{"type":"null"}]}}`,
	} {
		wantAt(t, text, place, want)
	}
}

func TestOfType_RootsOfOtherKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    any
		want string
	}{
		{struct{}{}, `{"type":"object","properties":{}}`},
		{&inner{}, `{"type":"object","required":["List"],"properties":{"List":{"type":["array","null"],"items":{"type":"integer","format":"int64"}}}}`},
		{embedded{}, `{"type":"object","properties":{"List":{"type":["array","null"],"items":{"type":"integer","format":"int64"}}}}`},
		{map[string]int{}, `{"type":"object","additionalProperties":{"type":"integer","format":"int64"}}`},
		{Tree{}, `{"type":"array","items":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}`},
		{json.RawMessage{}, `{}`},
		{true, `{"type":"boolean"}`},
	} {
		var got map[string]any
		if err := json.Unmarshal(of(t, c.v, schema.Draft2020), &got); err != nil {
			t.Fatal(err)
		}
		delete(got, "$schema")
		text, _ := json.Marshal(got)
		wantAt(t, text, "", c.want)
	}
}

func TestOfType_TypesWithoutAForm(t *testing.T) {
	t.Parallel()
	type line struct{ Done chan int }
	for _, c := range []struct {
		v    any
		want string
	}{
		{struct{ Lines []line }{}, "schema: schema_test.line.Done: the type chan int has no form in JSON"},
		{struct{ F func() }{}, "schema: a struct.F: the type func() has no form in JSON"},
		{line{}, "schema: schema_test.line.Done: the type chan int has no form in JSON"},
		{map[bool]int{}, "schema: the type map[bool]int has no form in JSON: encoding/json does not encode its keys"},
		{complex(1, 1), "schema: the type complex128 has no form in JSON"},
		{nil, "schema: there is no type"},
		{struct {
			N int `enum:"1,2"`
		}{}, `schema: a struct.N: the tag enum:"1,2" does not fit the type int`},
		{struct {
			N *int `minimum:"x"`
		}{}, `schema: a struct.N: the tag minimum:"x" does not fit the type *int`},
		{struct {
			N int `minItems:"1"`
		}{}, `schema: a struct.N: the tag minItems:"1" does not fit the type int`},
		{struct {
			N string `maxLength:"-1"`
		}{}, `schema: a struct.N: the tag maxLength:"-1" does not fit the type string`},
	} {
		_, err := schema.OfType(reflect.TypeOf(c.v), schema.Draft2020)
		if err == nil || err.Error() != c.want {
			t.Errorf("%T: got error %v, want %s", c.v, err, c.want)
		}
	}
}

func TestOf_IDAndTitle(t *testing.T) {
	t.Parallel()
	d := events.Define[Address]("shop/orders a", "Moved:To")
	text, err := schema.Of(d, schema.Draft2020)
	if err != nil {
		t.Fatal(err)
	}
	wantAt(t, text, "$id", `"urn:event:shop%2Forders%20a:Moved%3ATo:v1"`)
	wantAt(t, text, "title", `"Moved:To"`)
	old, err := schema.Of(d, schema.Draft4)
	if err != nil {
		t.Fatal(err)
	}
	wantAt(t, old, "id", `"urn:event:shop%2Forders%20a:Moved%3ATo:v1"`)
	if again, _ := schema.Of(d, schema.Draft4); string(again) != string(old) {
		t.Errorf("got %s, want the same text each time: %s", again, old)
	}
}

func TestWriteDefinitions(t *testing.T) {
	t.Parallel()
	events.Define[Address]("write.definitions", "A/B")
	dir := t.TempDir()
	if err := schema.WriteDefinitions(dir, schema.Draft2020); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "write.definitions.A%2FB.v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	wantAt(t, got, "title", `"A/B"`)
}
