package jsondec

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

// keeper is a type with a method that keeps the text. encoding/json forbids that, and many do it.
type keeper struct{ text []byte }

func (k *keeper) UnmarshalJSON(text []byte) error { k.text = text; return nil }

type textKeeper struct{ text []byte }

func (k *textKeeper) UnmarshalText(text []byte) error { k.text = text; return nil }

type recursive struct {
	Next     *recursive
	Children map[string][]recursive
}

func TestCopies_TypesWithoutMethodsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    any
		want bool
	}{
		{new(string), true}, {new([]byte), true}, {new(map[string]int), true}, {new(json.RawMessage), true}, {new(time.Time), true},
		{new(json.Number), true}, {new(recursive), true}, {new(struct{ A [2]*struct{ B []time.Time } }), true},
		{new(any), false}, {new(map[string]any), false}, {new(error), false}, {nil, false}, {new(keeper), false}, {new(textKeeper), false},
		{new(struct{ A []keeper }), false}, {new(struct{ A [2]*textKeeper }), false}, {new(map[netip.Addr]int), false},
		{new(map[string]keeper), false}, {new(struct{ keeper }), false}, {new(*big.Int), false}, {new(struct{ A struct{ B any } }), false},
	} {
		for range 2 { // the second answer is remembered
			if got := copies(reflect.TypeOf(c.v)); got != c.want {
				t.Errorf("%T: got %v, want %v", c.v, got, c.want)
			}
		}
	}
}

// What encoding/json would do is done, whatever was decoded before.
func TestUnmarshal_IsJSONUnmarshal(t *testing.T) {
	t.Parallel()
	type order struct {
		ID    string
		Items []struct{ N int }
		Raw   json.RawMessage
		Next  *order
	}
	texts := []string{
		`{"ID":"a","Items":[{"N":1},{"N":2}],"Raw":{"x":[1]},"Next":{"ID":"b"}}`, `{}`, `null`, ``, ` `, `{"ID":"b"} `, "\n{\"ID\":\"c\"}", `{"ID":"d"}x`,
		`{"ID":"e"}{"ID":"f"}`, `{"ID":1}`, `{"ID":"g"`, `[]`, `{"ID":"\u00e9\n"}`, `{"Items":[{"N":1.5}]}`, "{\"ID\":\"\xff\"}", `5`, `{"id":"h"}`,
		`{"ID":"` + strings.Repeat("x", maxReused) + `"}`, strings.Repeat("[", 20000), `{"Raw":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
	}
	for _, first := range texts {
		for _, second := range texts {
			for _, text := range []string{first, second} {
				var got, want order
				gotErr, wantErr := Unmarshal([]byte(text), &got), json.Unmarshal([]byte(text), &want)
				if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || wantErr == nil && !reflect.DeepEqual(got, want) {
					t.Fatalf("%.50q: got %+v, %v, want %+v, %v", text, got, gotErr, want, wantErr)
				}
			}
		}
	}
	for _, text := range []string{`5`, `-1.5e3`, `5 `, `5x`, `"a"`} {
		var got, want float64
		gotErr, wantErr := Unmarshal([]byte(text), &got), json.Unmarshal([]byte(text), &want)
		if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || wantErr == nil && got != want {
			t.Errorf("%q: got %v, %v, want %v, %v", text, got, gotErr, want, wantErr)
		}
	}
}

func TestUnmarshal_NoTextIsShared(t *testing.T) {
	t.Parallel()
	type body struct {
		Raw  json.RawMessage
		Text string
		Keep keeper
	}
	var a, b body
	Unmarshal([]byte(`{"Raw":"one","Text":"one","Keep":"one"}`), &a)
	Unmarshal([]byte(`{"Raw":"two","Text":"two","Keep":"two"}`), &b)
	if string(a.Raw) != `"one"` || a.Text != "one" || string(a.Keep.text) != `"one"` {
		t.Errorf("got %s, %s and %s, want one in all", a.Raw, a.Text, a.Keep.text)
	}
	var raw [2]json.RawMessage
	Unmarshal([]byte(`"one"`), &raw[0])
	Unmarshal([]byte(`"two"`), &raw[1])
	if string(raw[0]) != `"one"` {
		t.Errorf("got %s after another value was decoded, want one", raw[0])
	}
}

// FuzzUnmarshal decodes two texts one after the other, often with the same decoder.
func FuzzUnmarshal(f *testing.F) {
	for _, s := range []string{`{"ID":"a","Items":[{"N":1.5}],"Raw":[1]}`, `{"Next":{"Sums":{"a":-1}}}`, `null`, `{"ID":"b"} `, `{}{}`, `{"ID`, ``} {
		f.Add(s, `{"ID":"c"}`)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		type order struct {
			ID    string
			Items []struct{ N float64 }
			Sums  map[string]int
			Raw   json.RawMessage
			Next  *order
		}
		for _, text := range []string{first, second, first} {
			var got, want order
			gotErr, wantErr := Unmarshal([]byte(text), &got), json.Unmarshal([]byte(text), &want)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) || wantErr == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%q: got %+v, %v, want %+v, %v", text, got, gotErr, want, wantErr)
			}
		}
	})
}
