package params

import (
	"context"
	"testing"
)

// A program that makes a Decoder for each call must not fill the memory.
func TestDecodedFormsOfAValueAreBounded(t *testing.T) {
	t.Parallel()
	s, err := New(SourceFunc(func(context.Context, string) (Value, error) { return Value{Text: "x"}, nil }), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		d := NewDecoder("text", func(text []byte) (string, error) { return string(text), nil })
		if v, err := d.Get(t.Context(), s, "a"); v != "x" || err != nil {
			t.Fatalf("got %q, %v", v, err)
		}
	}
	kept := 0
	for n := s.lookup("a").state.Load().content.decoded.Load(); n != nil; n = n.next {
		kept++
	}
	if kept != maxDecoded {
		t.Errorf("got %d decoded forms kept, want %d", kept, maxDecoded)
	}
}
