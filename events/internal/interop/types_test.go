package interop

import (
	"encoding"
	"encoding/json"
	"math/big"
	"math/rand"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/events/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

type (
	node struct {
		Value    int     `json:"value" minimum:"-5"`
		Next     *node   `json:"next"`
		Children []*node `json:"children,omitempty"`
	}
	tree     []tree
	byName   map[string]*byName
	embedded struct {
		*inner
		Outer string
	}
	inner struct {
		List  []string
		Bytes []byte
		Map   map[int]bool `json:",omitempty"`
	}
	lists struct {
		Named  tree         `json:"named" maxItems:"2"`
		Pairs  [2]float32   `json:"pairs"`
		Items  []inner      `json:"items,omitzero"`
		Deep   [][]*float64 `json:"deep"`
		Single [1]byte      `json:"single"`
	}
	numbers struct {
		I8  int8
		I64 int64
		U8  uint8
		U64 uint64
		F   float64
		S   int  `json:",string"`
		P   *int `json:",string"`
		B   bool `json:",string"`
		D   time.Duration
	}
	pointerText struct{ text string } // only its pointer has the methods
	special     struct {
		At   time.Time
		IP   netip.Addr
		Raw  json.RawMessage
		Any  any
		N    json.Number
		Big  *big.Int
		Text pointerText
		Via  *pointerText
		Map  map[string]pointerText
	}
	limited struct {
		Above int      `json:"above" exclusiveMinimum:"1" exclusiveMaximum:"9"`
		Kind  *string  `json:"kind" enum:"a,b"`
		Code  string   `json:"code" pattern:"^[a-z]+$" minLength:"1" maxLength:"3"`
		Codes []string `json:"codes" maxItems:"2" maxLength:"1"`
		Note  string   `json:"note,omitempty" required:"true" doc:"A note."`
	}
)

func (p *pointerText) MarshalText() ([]byte, error) { return []byte(p.text), nil }

var _ encoding.TextMarshaler = (*pointerText)(nil)

// values are values of Go types. Some types also get random values.
var values = []struct {
	v      any
	random bool
}{
	{struct{}{}, true},
	{node{Value: 1, Next: &node{Value: 2, Children: []*node{{Value: 3}, nil}}}, false},
	{tree{{}, {{}, nil}}, false},
	{byName{"a": &byName{"b": nil}, "c": nil}, false},
	{embedded{}, false},
	{embedded{inner: &inner{}}, false},
	{embedded{inner: &inner{List: []string{"a"}, Bytes: []byte{1}, Map: map[int]bool{1: true}}}, false},
	{inner{}, true},
	{lists{}, false},
	{lists{Named: tree{{}}, Items: []inner{{}}, Deep: [][]*float64{nil, {nil, new(1.5)}}}, false},
	{numbers{}, true},
	{numbers{I8: -128, I64: -1 << 63, U8: 255, U64: 1<<64 - 1, F: 1e300, S: 1, P: new(3), D: time.Hour}, true},
	{special{}, false},
	{special{At: time.Now(), IP: netip.MustParseAddr("::1"), Raw: json.RawMessage(`{"a":[1]}`), Any: 1, N: "12.50", Big: big.NewInt(5), Via: &pointerText{"x"}, Map: map[string]pointerText{"a": {}}}, false},
	{&special{At: time.Now()}, false},
	{limited{Above: 2, Kind: new("a"), Code: "abc", Codes: []string{"x"}, Note: "n"}, false},
	{limited{Above: 8, Code: "a", Note: "n"}, false},
	{map[string]inner{"a": {}}, true},
	{map[netip.Addr]int{netip.MustParseAddr("::1"): 1}, false},
	{struct {
		A, B struct{ C []struct{ D *bool } }
	}{}, true},
}

func wantValid(t *testing.T, s *jsonschema.Schema, document, schema []byte) {
	t.Helper()
	if err := validate(s, document); err != nil {
		t.Errorf("got %v for %s, want it valid for %s", err, document, schema)
	}
}

func TestOfType_AcceptsWhatEncodingJSONWrites(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewSource(1))
	for _, c := range values {
		typ := reflect.TypeOf(c.v)
		for _, draft := range []schema.Draft{schema.Draft2020, schema.Draft4} {
			text, err := schema.OfType(typ, draft)
			if err != nil {
				t.Errorf("%v: %v", typ, err)
				continue
			}
			s := mustCompile(t, text)
			check := func(v any) {
				document, err := json.Marshal(v)
				switch {
				case err != nil:
					t.Errorf("%v: %v", typ, err)
				case string(document) == "null": // a Bus does not publish it
				default:
					wantValid(t, s, document, text)
				}
			}
			check(c.v)
			pointer := reflect.New(typ)
			pointer.Elem().Set(reflect.ValueOf(c.v))
			check(pointer.Interface()) // now pointer methods are called
			for range 100 {
				if !c.random {
					break
				}
				v, ok := quick.Value(typ, random)
				if !ok {
					t.Fatalf("%v: no random value", typ)
				}
				check(v.Interface())
			}
		}
	}
}

func TestOfType_RefusesOtherDocuments(t *testing.T) {
	t.Parallel()
	for _, draft := range []schema.Draft{schema.Draft2020, schema.Draft4} {
		text, err := schema.OfType(reflect.TypeFor[limited](), draft)
		if err != nil {
			t.Fatal(err)
		}
		s := mustCompile(t, text)
		const ok = `{"above":2,"kind":null,"code":"a","codes":null,"note":""}`
		if err := validate(s, []byte(ok)); err != nil {
			t.Errorf("%s: got %v, want it valid", ok, err)
		}
		for _, change := range [][2]string{
			{`"above":2`, `"above":1`}, {`"above":2`, `"above":9`}, {`"above":2`, `"above":2.5`}, {`"above":2,`, ``},
			{`"kind":null`, `"kind":"c"`}, {`"code":"a"`, `"code":"A"`}, {`"code":"a"`, `"code":""`}, {`"code":"a"`, `"code":null`},
			{`"codes":null`, `"codes":["a","b","c"]`}, {`"codes":null`, `"codes":["ab"]`}, {`,"note":""`, ``},
		} {
			document := strings.Replace(ok, change[0], change[1], 1)
			if err := validate(s, []byte(document)); err == nil {
				t.Errorf("%s: got it valid for %s, want a fault", document, text)
			}
		}
	}
}

func TestOf_IsValidAgainstTheMetaSchema(t *testing.T) {
	t.Parallel()
	for draft, meta := range map[schema.Draft]string{
		schema.Draft2020: "https://json-schema.org/draft/2020-12/schema",
		schema.Draft4:    "http://json-schema.org/draft-04/schema",
	} {
		s, err := compile([]byte(`{"$ref":"` + meta + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range values {
			d := events.Defined{Source: "shop orders", Type: "Ordered/é", Version: 3, Data: reflect.TypeOf(c.v)}
			text, err := schema.OfDefined(d, draft)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(s, text); err != nil {
				t.Errorf("%T: got %v for %s", c.v, err, text)
			}
			document, err := json.Marshal(c.v)
			if err != nil {
				t.Fatal(err)
			}
			wantValid(t, mustCompile(t, text), document, text)
		}
	}
}

// Draft 4 has no keywords of later drafts.
func TestOf_Draft4HasItsKeywordsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range values {
		text, err := schema.OfType(reflect.TypeOf(c.v), schema.Draft4)
		if err != nil {
			t.Fatal(err)
		}
		for _, keyword := range []string{"$defs", "$id", "const", "contentEncoding", "nullable", "prefixItems", "unevaluatedProperties"} {
			if strings.Contains(string(text), `"`+keyword+`"`) {
				t.Errorf("%T: got the keyword %s in %s", c.v, keyword, text)
			}
		}
	}
}

func TestCompare_GeneratedSchemas(t *testing.T) {
	t.Parallel()
	for _, c := range values {
		for _, draft := range []schema.Draft{schema.Draft2020, schema.Draft4} {
			text, err := schema.OfType(reflect.TypeOf(c.v), draft)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(text), `"type"`, `"description": "changed", "type"`, 1)
			report, err := schema.Compare(text, []byte(changed))
			if err != nil || report.Verdict() != "full" {
				t.Errorf("%T: got %v and error %v for another description, want full", c.v, report, err)
			}
		}
	}
}
