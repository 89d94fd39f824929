//go:build !race

package jsontree_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

func allocated(fn func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// Not parallel: the bytes are of the whole process.
func TestAllocations_LargeArraysAndObjects(t *testing.T) {
	const n = 500_000 // nearly a power of two, which no stack is much larger than
	for name, c := range map[string]struct {
		text string
		each int // bytes for an element: on the stacks of two sizes, and in the tree
	}{
		"array":  {"[" + strings.Repeat("0,", n-1) + "0]", 3 * 32},
		"nested": {"[" + strings.Repeat("[],", n-1) + "0]", 3*32 + 48},
	} {
		if got := allocated(func() { jsontree.ParseString(c.text) }); got > n*c.each*11/10 {
			t.Errorf("%s: got %d bytes that are allocated, want %d at most", name, got, n*c.each)
		}
	}
}

func TestAllocations_AppendAllocatesOnce(t *testing.T) {
	for _, text := range []string{`"x"`, `{"a":[1.50,"\"\\é",{"b":null,"c":[true,false,[]]}],"d":{}}`, "[" + strings.Repeat(`{"name":"a \"text\""},`, 10_000) + "0]"} {
		v, err := jsontree.ParseString(text)
		if err != nil {
			t.Fatal(err)
		}
		var out []byte
		if n := testing.AllocsPerRun(10, func() { out = jsontree.Append(nil, v) }); n > 1 || string(out) != text {
			t.Errorf("%.40s: got %v allocations, want 1", text, n)
		}
		if cap(out) > 3*len(text)+16 {
			t.Errorf("%.40s: got %d bytes for %d", text, cap(out), len(text))
		}
	}
}
