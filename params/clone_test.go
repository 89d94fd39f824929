package params_test

import (
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/params"
)

// tree has everything that copies could share.
type tree struct {
	Map    map[string][]int
	Nested map[string]map[string]*tree
	Slice  []*tree
	Array  [2][]int
	Ptr    *int
	Any    any
	Iface  []any
	Bytes  named
	Time   *time.Time
	Addr   netip.Addr
	hidden int
}

type named []byte

func newTree(depth int) tree {
	n, now := depth, time.Unix(0, 0).UTC()
	tr := tree{
		Map: map[string][]int{"a": {1, 2}}, Array: [2][]int{{1}, nil}, Ptr: &n, Any: map[string]any{"x": []any{1.0, nil}},
		Iface: []any{"s", nil, []int{1}, map[string]any{}}, Bytes: named("bytes"), Time: &now, Addr: netip.MustParseAddr("::1"), hidden: 7,
	}
	if depth > 0 {
		child, other := newTree(depth-1), newTree(depth-1)
		tr.Slice = []*tree{&child, nil}
		tr.Nested = map[string]map[string]*tree{"n": {"m": &other}, "nil": nil}
	}
	return tr
}

func spoil(tr *tree) {
	tr.Map["a"][0] = 99
	tr.Map["new"] = nil
	tr.Array[0][0] = 99
	*tr.Ptr = 99
	tr.Any.(map[string]any)["x"].([]any)[0] = "spoilt"
	tr.Iface[2].([]int)[0] = 99
	tr.Bytes[0] = 'X'
	*tr.Time = time.Time{}
	for _, child := range tr.Slice {
		if child != nil {
			spoil(child)
		}
	}
	if c := tr.Nested["n"]; c != nil {
		spoil(c["m"])
		delete(c, "m")
	}
}

func TestNobodySpoilsTheValueOfAnother(t *testing.T) {
	t.Parallel()
	s := open(t, newFake("a", "x"), nil)
	calls := 0
	d := params.NewDecoder("tree", func([]byte) (tree, error) { calls++; return newTree(3), nil })
	for range 3 {
		got, err := d.Get(t.Context(), s, "a")
		if want := newTree(3); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, %v", got, err)
		}
		spoil(&got)
	}
	if calls != 1 {
		t.Errorf("decoded %d times", calls)
	}
}

type cycle struct {
	N    int
	Next *cycle
}

type secretive struct{ inner map[string]int }

func TestWhatCannotBeCopiedIsDecodedForEach(t *testing.T) {
	t.Parallel()
	s := open(t, newFake("a", "x"), nil)
	rings := params.NewDecoder("ring", func([]byte) (*cycle, error) {
		c := &cycle{N: 1}
		c.Next = &cycle{N: 2, Next: c}
		return c, nil
	})
	hidden := params.NewDecoder("hidden", func([]byte) (*secretive, error) {
		return &secretive{map[string]int{"a": 1}}, nil
	})
	channels := params.NewDecoder("channel", func([]byte) (any, error) { return make(chan int, 1), nil })
	bigs := params.NewDecoder("number", func([]byte) (*big.Int, error) { return big.NewInt(5), nil })
	urls := params.NewDecoder("URL", func([]byte) (*url.URL, error) { return url.Parse("https://u:p@host/") })
	for range 3 {
		c, err := rings.Get(t.Context(), s, "a")
		if err != nil || c.N != 1 || c.Next.Next != c {
			t.Fatalf("%v, %v", c, err)
		}
		c.N = 9
		h, err := hidden.Get(t.Context(), s, "a")
		if err != nil || h.inner["a"] != 1 {
			t.Fatalf("%v, %v", h, err)
		}
		h.inner["a"] = 9
		ch, err := channels.Get(t.Context(), s, "a")
		if err != nil {
			t.Fatal(err)
		}
		select {
		case ch.(chan int) <- 1:
		default:
			t.Error("the channel is that of another caller")
		}
		b, err := bigs.Get(t.Context(), s, "a")
		if err != nil || b.Int64() != 5 {
			t.Fatalf("%v, %v", b, err)
		}
		b.SetInt64(9)
		u, err := urls.Get(t.Context(), s, "a")
		if err != nil || u.String() != "https://u:p@host/" {
			t.Fatalf("%v, %v", u, err)
		}
		u.Host = "evil"
		*u.User = *url.User("x")
	}
}

// Slices that overlap, and pointers to one thing, stay as they are to each other.
func TestACopyKeepsWhatIsShared(t *testing.T) {
	t.Parallel()
	type shared struct {
		All, First []int
		A, B       *int
		M, N       map[string][]int
	}
	s := open(t, newFake("a", "x"), nil)
	d := params.NewDecoder("shared", func([]byte) (shared, error) {
		list, n, m := []int{1, 2, 3}, 7, map[string][]int{"a": {1}}
		return shared{list, list[:1], &n, &n, m, m}, nil
	})
	for range 2 {
		got, err := d.Get(t.Context(), s, "a")
		if err != nil || fmt.Sprint(got.All, got.First, *got.A) != "[1 2 3] [1] 7" || got.A != got.B {
			t.Fatalf("got %+v, %v", got, err)
		}
		if got.M["b"] = nil; len(got.N) != 2 {
			t.Errorf("got two maps, want one")
		}
	}
}

// A copy goes down to a bounded depth; deeper values are decoded again.
func TestACopyIsBoundedInDepth(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]int{20: 1, 200: 3} {
		calls := 0
		d := params.NewDecoder("list", func([]byte) (*cycle, error) {
			calls++
			c := &cycle{}
			for i := range depth {
				c = &cycle{N: i, Next: c}
			}
			return c, nil
		})
		s := open(t, newFake("a", "x"), nil)
		for range 2 {
			if c, err := d.Get(t.Context(), s, "a"); err != nil || c.N != depth-1 {
				t.Errorf("%d: got %v, %v", depth, c, err)
			}
		}
		if calls != want {
			t.Errorf("%d: decoded %d times, want %d", depth, calls, want)
		}
	}
}

func BenchmarkCopies(b *testing.B) {
	s := open(b, newFake("a", "x"), nil)
	bytes := params.NewDecoder("bytes", func([]byte) ([]byte, error) { return make([]byte, 64<<10), nil })
	b.Run(fmt.Sprintf("bytes-%d", 64<<10), func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bytes.Get(b.Context(), s, "a")
		}
	})
	trees := params.NewDecoder("tree", func([]byte) (tree, error) { return newTree(1), nil })
	b.Run("tree", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			trees.Get(b.Context(), s, "a")
		}
	})
}
