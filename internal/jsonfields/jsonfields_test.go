package jsonfields_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit/internal/jsonfields"
)

type (
	Base struct {
		Name  string
		Depth int
	}
	Tagged struct {
		Other string `json:"Same"`
	}
	Untagged struct{ Same string }
	Twice    struct{ Same string }
	Outer    struct {
		Base
		*Tagged
		Untagged
		Name   string `json:",omitempty"`
		Hidden string `json:"-"`
		Named  Base   `json:"base"`
		inner
	}
	inner struct{ Inner int }
	Clash struct {
		Untagged
		Twice
	}
	Left   struct{ Base }
	Right  struct{ Base }
	Double struct {
		Left
		Right
	}
	Cyclic struct {
		*Cyclic
		A int
	}
)

func TestOf_LikeEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, v := range []any{Base{}, Outer{Tagged: new(Tagged)}, Clash{}, Double{}, struct{}{}} {
		text, err := json.Marshal(fill(v))
		if err != nil {
			t.Fatal(err)
		}
		var decoded map[string]any
		if err := json.Unmarshal(text, &decoded); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range jsonfields.Of(reflect.TypeOf(v)) {
			got = append(got, f.Key)
		}
		slices.Sort(got)
		if want := slices.Sorted(maps.Keys(decoded)); !slices.Equal(got, want) {
			t.Errorf("%T: got %q, want %q", v, got, want)
		}
	}
}

// fill returns v with a text in Name, so that encoding/json does not omit it.
func fill(v any) any {
	if o, ok := v.(Outer); ok {
		o.Name = "x"
		return o
	}
	return v
}

func TestOf_Fields(t *testing.T) {
	t.Parallel()
	var got []string
	for _, f := range jsonfields.Of(reflect.TypeFor[Outer]()) {
		got = append(got, fmt.Sprint(f.Key, f.Index, f.Options, f.Behind))
	}
	want := []string{"Depth[0 1]false", "Same[1 0]true", "Name[3]omitemptyfalse", "base[5]false", "Inner[6 0]false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := jsonfields.Of(reflect.TypeFor[Cyclic]()); len(got) != 1 || got[0].Key != "A" {
		t.Errorf("got %v of a type in itself, want A", got)
	}
}
