package params_test

import (
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
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

func TestDecoder_NoCallerChangesTheValueOfAnother(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("a", "x"), nil)
	d := params.NewDecoder("tree", func([]byte) (tree, error) { return newTree(3), nil })
	for range 3 {
		got, err := d.Get(t.Context(), cache, "a")
		if want := newTree(3); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
		spoil(&got)
	}
}

type cycle struct {
	N    int
	Next *cycle
}

type secretive struct{ inner map[string]int }

func TestDecoder_ValuesWithoutExportedFields(t *testing.T) {
	t.Parallel()
	cache := open(t, newFake("a", "x"), nil)
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
		c, err := rings.Get(t.Context(), cache, "a")
		if err != nil || c.N != 1 || c.Next.Next != c {
			t.Fatalf("got %v, %v, want a ring of two", c, err)
		}
		c.N = 9
		h, err := hidden.Get(t.Context(), cache, "a")
		if err != nil || h.inner["a"] != 1 {
			t.Fatalf("got %v, %v, want map[a:1]", h, err)
		}
		h.inner["a"] = 9
		ch, err := channels.Get(t.Context(), cache, "a")
		if err != nil {
			t.Fatal(err)
		}
		select {
		case ch.(chan int) <- 1:
		default:
			t.Error("got the channel of another caller, want another channel")
		}
		b, err := bigs.Get(t.Context(), cache, "a")
		if err != nil || b.Int64() != 5 {
			t.Fatalf("got %v, %v, want 5", b, err)
		}
		b.SetInt64(9)
		u, err := urls.Get(t.Context(), cache, "a")
		if err != nil || u.String() != "https://u:p@host/" {
			t.Fatalf("got %v, %v, want https://u:p@host/", u, err)
		}
		u.Host = "evil"
		*u.User = *url.User("x")
	}
}

// wantDecodings gets a value three times and checks how often the decoder was called.
func wantDecodings[T any](t *testing.T, want int) {
	t.Helper()
	cache := open(t, newFake("a", "x"), nil)
	calls := 0
	d := params.NewDecoder("value", func([]byte) (v T, err error) { calls++; return v, nil })
	for range 3 {
		if _, err := d.Get(t.Context(), cache, "a"); err != nil {
			t.Fatalf("got %v, want no error", err)
		}
	}
	if calls != want {
		t.Errorf("%T: got %d calls of the decoder, want %d", *new(T), calls, want)
	}
}

func TestDecoder_CalledOnceForTypesThatCallersCanShare(t *testing.T) {
	t.Parallel()
	wantDecodings[int](t, 1)
	wantDecodings[string](t, 1)
	wantDecodings[[2]float64](t, 1)
	wantDecodings[time.Time](t, 1)
	wantDecodings[lambdakit.Secret](t, 1)
	wantDecodings[netip.Addr](t, 1)
	wantDecodings[plain](t, 1)
}

func TestDecoder_CalledForEachGetOfOtherTypes(t *testing.T) {
	t.Parallel()
	wantDecodings[[]byte](t, 3)
	wantDecodings[map[string]int](t, 3)
	wantDecodings[*int](t, 3)
	wantDecodings[any](t, 3)
	wantDecodings[chan int](t, 3)
	wantDecodings[[2][]int](t, 3)
	wantDecodings[struct {
		A int
		b []int
	}](t, 3)
}

// tenFields is a usual configuration. Its slice and its map make JSON decode it for each call.
type tenFields struct {
	Table    string
	Region   string
	Endpoint string
	Timeout  int
	Retries  int
	Rate     float64
	Enabled  bool
	Channels []string
	Limits   map[string]int
	Contact  struct{ Name, Email string }
}

const tenFieldsText = `{"Table":"orders-production","Region":"eu-central-1","Endpoint":"https://db.example.com:8443/v1","Timeout":30,"Retries":3,"Rate":0.25,"Enabled":true,"Channels":["web","app","partner"],"Limits":{"gold":1000,"silver":100,"bronze":10},"Contact":{"Name":"Shop Team","Email":"shop-team@example.com"}}`

// BenchmarkDecodedForEachCall measures types that callers cannot share. The package comment
// names the figure of ten fields.
func BenchmarkDecodedForEachCall(b *testing.B) {
	cache := open(b, newFake("fields", tenFieldsText, "list", "[1,2,3]", "base64", "aHVudGVyMg=="), nil)
	ctx := b.Context()
	for _, bench := range []struct {
		name string
		get  func() error
	}{
		{"TenFields", func() error { _, err := params.JSON[tenFields](ctx, cache, "fields"); return err }},
		{"List", func() error { _, err := params.JSON[[]int](ctx, cache, "list"); return err }},
		{"Base64", func() error { _, err := cache.Base64(ctx, "base64"); return err }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := bench.get(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
