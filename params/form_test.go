package params

import (
	"context"
	"testing"
)

// A program that makes a Decoder for each call must not fill the memory.
func TestDecodedFormsOfAValueAreBounded(t *testing.T) {
	t.Parallel()
	cache, err := New(SourceFunc(func(context.Context, string) (Value, error) { return Value{Text: "x"}, nil }), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		d := NewDecoder("text", func(text []byte) (string, error) { return string(text), nil })
		if v, err := d.Get(t.Context(), cache, "a"); v != "x" || err != nil {
			t.Fatalf("got %q, %v", v, err)
		}
	}
	kept := 0
	for n := cache.lookup("a").state.Load().content.forms.Load(); n != nil; n = n.next {
		kept++
	}
	if kept != maxForms {
		t.Errorf("got %d decoded forms kept, want %d", kept, maxForms)
	}
}

// Two goroutines may add the form of a Decoder at the same time. Both use the first form, so that
// the Decoder is called once.
func TestAddForm_KeepsTheFirstFormOfAKey(t *testing.T) {
	t.Parallel()
	var ct content
	first, second := new(form[int]), new(form[int])
	for _, f := range []*form[int]{first, second} {
		if got := addForm(&ct, intDecoder, f); got != first {
			t.Errorf("got form %p, want the first one, %p", got, first)
		}
	}
}
