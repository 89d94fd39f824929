package jsonschema_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/jsonschema"
)

const orderSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"type": "object",
	"required": ["id", "items"],
	"properties": {
		"id": {"type": "string", "pattern": "^o-[0-9]+$", "maxLength": 10},
		"a/b~c": {"const": 1},
		"status": {"enum": ["new", "paid"]},
		"items": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"$ref": "#/$defs/item"}},
		"pair": {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false},
		"tags": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"maxLength": 3}, "maxProperties": 2},
		"env": {"patternProperties": {"^X": {"type": "number"}}, "additionalProperties": false},
		"either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
		"one": {"oneOf": [{"minimum": 1}, {"maximum": 10}]},
		"all": {"allOf": [{"properties": {"deep": {"multipleOf": 2}}}]},
		"has": {"contains": {"const": 7}},
		"never": false,
		"card": {"dependentRequired": {"number": ["name"]}},
		"if": {"if": {"type": "string"}, "then": {"minLength": 3}, "else": {"type": "boolean"}},
		"named": {"$id": "https://example.org/named", "properties": {"x": {"exclusiveMinimum": 0}}},
		"tree": {"$ref": "#/$defs/tree"}
	},
	"$defs": {
		"item": {"type": "object", "required": ["price"], "properties": {"price": {"type": "number", "minimum": 0}}},
		"tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/tree"}, "value": {"type": "integer"}}}
	}
}`

func TestMust(t *testing.T) {
	const valid = `"id":"o-1","items":[{"price":1}]`
	tests := []struct{ data, path, text string }{
		{`{` + valid + `}`, "", ""},
		{`{` + valid + `,"unknown":{}}`, "", ""},
		{`{"items":[{"price":1}]}`, "", `violates required, missing properties: ["id"]`},
		{`[]`, "", `violates type, want "object"`},
		{`{"id":"hunter2, want it","items":[{"price":1}]}`, "id", "id: violates maxLength"},
		{`{"id":7,"items":[{"price":1}]}`, "id", `id: violates type, want "string"`},
		{`{"id":"hunter2","items":[{"price":1}]}`, "id", "id: violates pattern"},
		{`{"id":"o-1","items":[]}`, "items", "items: violates minItems"},
		{`{"id":"o-1","items":[{"price":1},{"price":1}]}`, "items", "items: violates uniqueItems"},
		{`{"id":"o-1","items":[{"price":1},{}]}`, "items[]", `items[]: violates required, missing properties: ["price"]`},
		{`{"id":"o-1","items":[{"price":-17.5}]}`, "items[].price", "items[].price: violates minimum"},
		{`{"id":"o-1","items":[{"price":"hunter2: , want x"}]}`, "items[].price", `items[].price: violates type, want "number"`},
		{`{` + valid + `,"a/b~c":2}`, "a/b~c", "a/b~c: violates const"},
		{`{` + valid + `,"status":"hunter2"}`, "status", "status: violates enum"},
		{`{` + valid + `,"pair":["a","hunter2"]}`, "pair[1]", `pair[1]: violates type, want "integer"`},
		{`{` + valid + `,"pair":["a",1,"hunter2"]}`, "pair[]", "pair[]: violates not"},
		{`{` + valid + `,"tags":{"hunter2":1}}`, "tags.*", `tags.*: violates type, want "string"`},
		{`{` + valid + `,"tags":{"hunter2":"x"}}`, "tags", "tags: violates maxLength"},
		{`{` + valid + `,"tags":{"a":"1","b":"2","c":"3"}}`, "tags", "tags: violates maxProperties"},
		{`{` + valid + `,"env":{"Xhunter2":"x"}}`, "env.*", `env.*: violates type, want "number"`},
		{`{` + valid + `,"env":{"hunter2":"x"}}`, "env", "env: violates additionalProperties"},
		{`{` + valid + `,"either":{"a":"hunter2"}}`, "either", "either: violates anyOf"},
		{`{` + valid + `,"one":5}`, "one", "one: violates oneOf"},
		{`{` + valid + `,"all":{"deep":3}}`, "all.deep", "all.deep: violates multipleOf"},
		{`{` + valid + `,"has":["hunter2"]}`, "has", "has: violates contains"},
		{`{` + valid + `,"never":"hunter2"}`, "never", "never: violates not"},
		{`{` + valid + `,"card":{"number":"hunter2"}}`, "card", "card: violates dependentRequired"},
		{`{` + valid + `,"if":"hu"}`, "if", "if: violates minLength"},
		{`{` + valid + `,"if":1}`, "if", `if: violates type, want "boolean"`},
		{`{` + valid + `,"named":{"x":0}}`, "named.x", "named.x: violates exclusiveMinimum"},
		{`{` + valid + `,"tree":{"next":{"next":{"value":"hunter2"}}}}`, "tree.next.next.value", `tree.next.next.value: violates type, want "integer"`},
		{`{"id":"hunter2"`, "", "not JSON, or a number is too large"},
		{`{` + valid + `} hunter2`, "", "not JSON, or a number is too large"},
		{`1e999`, "", "not JSON, or a number is too large"},
		{``, "", "not JSON, or a number is too large"},
		{strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "", "nested too deeply"},
		{strings.Repeat("[", 11000) + strings.Repeat("]", 11000), "", "not JSON, or a number is too large"},
	}
	check := jsonschema.Must([]byte(orderSchema))
	for _, test := range tests {
		err := check([]byte(test.data))
		if test.text == "" {
			if err != nil {
				t.Errorf("%s: got %v, want no error", test.data, err)
			}
			continue
		}
		got, ok := errors.AsType[*jsonschema.Error](err)
		if !ok || got.Path != test.path || err.Error() != "jsonschema: "+test.text {
			t.Errorf("%.100s: got %v, want %s", test.data, err, test.text)
		}
	}
}

// An empty fragment of a URI means nothing.
func TestNew_Versions(t *testing.T) {
	for version, known := range map[string]bool{
		"http://json-schema.org/draft-07/schema#": true, "http://json-schema.org/draft-07/schema": true,
		"https://json-schema.org/draft-07/schema#": true, "https://json-schema.org/draft/2020-12/schema": true,
		"https://json-schema.org/draft/2020-12/schema#": true, "http://json-schema.org/draft-04/schema#": false,
	} {
		check, err := jsonschema.New([]byte(`{"$schema":"` + version + `","items":{"type":"integer"}}`))
		if (err == nil) != known {
			t.Errorf("%s: got %v, want it known: %v", version, err, known)
		}
		if known && (check([]byte(`[1]`)) != nil || check([]byte(`["a"]`)) == nil) {
			t.Errorf("%s: got another check, want the type of the items", version)
		}
	}
}

func TestMust_Draft7(t *testing.T) {
	check := jsonschema.Must([]byte(`{
		"$schema": "http://json-schema.org/draft-07/schema#",
		"definitions": {"n": {"type": "integer"}},
		"properties": {
			"pair": {"items": [{"type": "string"}, {"$ref": "#/definitions/n"}], "additionalItems": {"type": "null"}},
			"card": {"dependencies": {"number": ["name"], "name": {"properties": {"name": {"type": "string"}}}}}
		}
	}`))
	for data, want := range map[string]string{
		`{"pair":["a",1,null]}`: "",
		`{"pair":[1]}`:          `jsonschema: pair[0]: violates type, want "string"`,
		`{"pair":["a",1.5]}`:    `jsonschema: pair[1]: violates type, want "integer"`,
		`{"pair":["a",1,2]}`:    `jsonschema: pair[]: violates type, want "null"`,
		`{"card":{"number":1}}`: `jsonschema: card: violates dependentRequired`,
		`{"card":{"name":1}}`:   `jsonschema: card.name: violates type, want "string"`,
	} {
		got := ""
		if err := check([]byte(data)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
}

func TestNew_Invalid(t *testing.T) {
	for _, schema := range []string{
		``, `7`, `[]`, `{"type":7}`, `{"type":"strung"}`, `{"properties":{"a":{"items":{"anyOf":[{"type":["null","strung"]}]}}}}`, `{"pattern":"("}`, `{"$ref":"#/$defs/none"}`, `{"$ref":"https://example.org/other"}`,
		`{"$schema":"http://json-schema.org/draft-04/schema#"}`, `{"minimum":"1"}`, `{"exclusiveMinimum":true}`,
	} {
		if _, err := jsonschema.New([]byte(schema)); err == nil || !strings.HasPrefix(err.Error(), "jsonschema: ") {
			t.Errorf("%s: got %v, want an error", schema, err)
		}
		wantPanic(t, func() { jsonschema.Must([]byte(schema)) })
	}
}

func wantPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if v, _ := recover().(string); !strings.HasPrefix(v, "jsonschema: ") {
			t.Errorf("got the panic %q", v)
		}
	}()
	f()
}

type (
	Base struct {
		Channel string `json:"channel"`
	}
	Any struct {
		Base
		Text     string            `json:"text"`
		Optional string            `json:"optional,omitzero"`
		Int      int8              `json:"int"`
		Float    float64           `json:"float"`
		Bool     bool              `json:"bool"`
		Pointer  *string           `json:"pointer"`
		List     []string          `json:"list"`
		Array    [2]byte           `json:"array"`
		Bytes    []byte            `json:"bytes"`
		Raw      json.RawMessage   `json:"raw"`
		RawPtr   *json.RawMessage  `json:"raw_ptr"`
		Number   json.Number       `json:"number"`
		Map      map[string]int    `json:"map"`
		Maps     map[string][]Base `json:"maps"`
		Free     map[string]any    `json:"free"`
		Any      any               `json:"any"`
		Time     time.Time         `json:"time"`
		TimePtr  *time.Time        `json:"time_ptr"`
		Duration time.Duration     `json:"duration"`
		Big      *big.Int          `json:"big"`
		Addr     netip.Addr        `json:"addr"`
		Nested   struct {
			Inner []Base `json:"inner"`
		} `json:"nested"`
		NoTag   string
		Hidden  func() `json:"-"`
		private func()
	}
)

// Whatever encoding/json makes of a value of T is valid.
func TestFor_AcceptsWhatIsEncoded(t *testing.T) {
	check := jsonschema.For[Any]()
	text, now := "x", time.Now()
	raw := json.RawMessage(`{"a":[1]}`)
	full := Any{
		Base: Base{"web"}, Text: "x", Optional: "x", Int: -128, Float: 1.5, Bool: true, Pointer: &text, List: []string{"a"}, Array: [2]byte{1, 255},
		Bytes: []byte{0, 255}, Raw: raw, RawPtr: &raw, Number: "1.5", Map: map[string]int{"a": 1}, Maps: map[string][]Base{"a": {{"b"}}, "b": nil},
		Free: map[string]any{"a": nil}, Any: []int{1}, Time: now, TimePtr: &now, Duration: -1, Big: big.NewInt(1 << 62), Addr: netip.MustParseAddr("::1"),
		private: nil,
	}
	full.Nested.Inner = []Base{{"a"}}
	for _, v := range []any{Any{}, full, &full} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(data); err != nil {
			t.Errorf("got %v for %s", err, data)
		}
	}
}

type Line struct {
	SKU   string `json:"sku"`
	Count uint   `json:"count"`
}

type Confirmed struct {
	Total int               `json:"total"`
	Lines []Line            `json:"lines"`
	Notes map[string]string `json:"notes,omitempty"`
	At    *time.Time        `json:"at,omitempty"`
}

func TestFor(t *testing.T) {
	check := jsonschema.For[Confirmed]()
	for data, want := range map[string]string{
		`{"total":1,"lines":[{"sku":"a","count":1}]}`:       "",
		`{"total":1,"lines":null}`:                          "",
		`{"total":1,"lines":[],"added":"later"}`:            "",
		`{"total":1,"lines":[{"sku":"a","count":1,"b":2}]}`: "",
		`{"lines":[]}`:                                 `jsonschema: violates required, missing properties: ["total"]`,
		`{"total":1.5,"lines":[]}`:                     `jsonschema: total: violates type, want "integer"`,
		`{"Total":1,"lines":[]}`:                       `jsonschema: violates required, missing properties: ["total"]`,
		`{"total":1,"lines":[{"sku":"a","count":-1}]}`: `jsonschema: lines[].count: violates minimum`,
		`{"total":1,"lines":[],"notes":{"hunter2":1}}`: `jsonschema: notes.*: violates type, want "string"`,
		`{"total":1,"lines":[],"at":17}`:               `jsonschema: at: violates type, want "string"`,
	} {
		got := ""
		if err := check([]byte(data)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
}

type Recursive struct {
	Next *Recursive `json:"next"`
}

func TestFor_Panics(t *testing.T) {
	wantPanic(t, func() { jsonschema.For[struct{ F func() }]() })
	wantPanic(t, func() {
		jsonschema.For[struct {
			N int `minimum:"one"`
		}]()
	})
}

func TestFor_KnowsTheTagsOfPublishedSchemas(t *testing.T) {
	check := jsonschema.For[struct {
		Cents int    `json:"cents" minimum:"1"`
		Name  string `json:"name" minLength:"2"`
	}]()
	for data, want := range map[string]string{
		`{"cents":1,"name":"ab"}`: "",
		`{"cents":0,"name":"ab"}`: "jsonschema: cents: violates minimum",
		`{"cents":1,"name":"a"}`:  "jsonschema: name: violates minLength",
	} {
		got := ""
		if err := check([]byte(data)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", data, got, want)
		}
	}
}

func TestFor_RecursiveTypes(t *testing.T) {
	check := jsonschema.For[Recursive]()
	if err := check([]byte(`{"next":{"next":null}}`)); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	if err := check([]byte(`{"next":{"next":7}}`)); err == nil {
		t.Error("got no error for a number, want one")
	}
}

// An event is checked before it is published and before it is received.
func TestEvents(t *testing.T) {
	confirmed := events.Define[Confirmed]("shop.test", "Confirmed", events.Check(jsonschema.Must([]byte(`{"properties":{"total":{"minimum":1}}}`))))
	sent := 0
	bus := events.New(sender(func(n int) { sent += n }), nil)
	err := bus.Publish(t.Context(), confirmed.New("a", Confirmed{Total: 1}), confirmed.New("b", Confirmed{Total: -5}))
	if got, ok := errors.AsType[*jsonschema.Error](err); !ok || got.Path != "total" || got.Keyword != "minimum" || sent != 1 {
		t.Errorf("got %v and %d events, want an Error and one event", err, sent)
	}
	if _, err := confirmed.Decode([]byte(`{"total":0}`)); err == nil {
		t.Error("got no error for a received event")
	}
}
