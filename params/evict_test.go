package params

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// entries returns n entries with values of some bytes each, the first ones used longest ago.
func entries(n, bytes int) map[string]*entry {
	m := make(map[string]*entry, n)
	for i := range n {
		e := newEntry(fmt.Sprint(i), int64(i))
		e.state.Store(&state{content: &content{value: Value{Text: strings.Repeat("x", bytes)}}})
		m[e.name] = e
	}
	return m
}

func TestEvict_DropsTheLowestRanks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		o    Options
		n    int
		want string // the names that stay
	}{
		"fits":                     {Options{MaxRecords: 5, MaxBytes: 50}, 5, "0 1 2 3 4"},
		"by entries":               {Options{MaxRecords: 3, MaxBytes: 50}, 5, "2 3 4"},
		"by bytes":                 {Options{MaxRecords: 5, MaxBytes: 49}, 5, "1 2 3 4"},
		"by both":                  {Options{MaxRecords: 3, MaxBytes: 20}, 5, "3 4"},
		"one as large as the room": {Options{MaxRecords: 5, MaxBytes: 10}, 1, "0"},
		"each is too large":        {Options{MaxRecords: 5, MaxBytes: 9}, 5, ""},
	} {
		cache := &Cache{options: test.o}
		m := entries(test.n, 10)
		bytes := cache.evict(m, func(e *entry) int64 { return e.lastUsed.Load() })
		var stay []string
		for i := range test.n {
			if m[fmt.Sprint(i)] != nil {
				stay = append(stay, fmt.Sprint(i))
			}
		}
		if got := strings.Join(stay, " "); got != test.want || bytes != 10*len(stay) {
			t.Errorf("%s: got %q, %d bytes, want %q", name, got, bytes, test.want)
		}
	}
}

func TestEvict_InTheOrderOfTheRanks(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		for keep := range n + 1 {
			m := entries(n, 1)
			(&Cache{options: Options{MaxRecords: keep, MaxBytes: n + 1}}).evict(m, func(e *entry) int64 { return e.lastUsed.Load() * 7919 % 101 })
			lowest := int64(101)
			for _, e := range m {
				lowest = min(lowest, e.lastUsed.Load()*7919%101)
			}
			for name, e := range entries(n, 1) {
				if rank := e.lastUsed.Load() * 7919 % 101; m[name] == nil && rank > lowest {
					t.Fatalf("%d of %d: got rank %d evicted and rank %d kept, want the lowest evicted", keep, n, rank, lowest)
				}
			}
			if len(m) != keep {
				t.Fatalf("%d of %d: got %d entries", keep, n, len(m))
			}
		}
	}
}

// What is below a path counts like a value, and makes room like one.
func TestEvict_Paths(t *testing.T) {
	t.Parallel()
	path := newEntry(pathKey("/p"), 1)
	path.state.Store(&state{content: &content{children: map[string]Value{"abc": {Text: "12345", Version: "6"}}}})
	name := newEntry("/p", 2)
	name.state.Store(&state{content: &content{value: Value{Text: "12345", Version: "6"}}})
	for limit, want := range map[int]int{15: 15, 14: 6, 5: 0} {
		m := map[string]*entry{path.key(): path, name.key(): name}
		if bytes := (&Cache{options: Options{MaxRecords: 2, MaxBytes: limit}}).evict(m, func(e *entry) int64 { return e.lastUsed.Load() }); bytes != want {
			t.Errorf("limit %d: got %d bytes, want %d", limit, bytes, want)
		}
	}
}

// The cost of making room must not grow with the square of the entries.
func TestEvict_RanksEachEntryOnce(t *testing.T) {
	t.Parallel()
	const n = 10_000
	cache := &Cache{options: Options{MaxRecords: 10, MaxBytes: 1 << 20}}
	m := entries(n, 1)
	ranked := 0
	cache.evict(m, func(e *entry) int64 { ranked++; return e.lastUsed.Load() })
	if len(m) != 10 || ranked != n {
		t.Errorf("got %d entries after %d calls of rank, want 10 after %d", len(m), ranked, n)
	}
}

type counting struct{ SourceFunc }

func (counting) FetchMany(_ context.Context, names []string) (map[string]Result, error) {
	results := make(map[string]Result, len(names))
	for _, name := range names {
		results[name] = Result{Value: Value{Text: strings.Repeat("x", 100)}}
	}
	return results, nil
}

// A call for many names copies the entries a few times, not once for each name.
func TestMany_MemoryIsNearLinear(t *testing.T) {
	one := SourceFunc(func(context.Context, string) (Value, error) { return Value{Text: "x"}, nil })
	for name, test := range map[string]struct {
		source Source
		o      Options
	}{
		"many":               {counting{one}, Options{}},
		"one":                {one, Options{}},
		"little room":        {counting{one}, Options{MaxRecords: 500}},
		"room for few bytes": {counting{one}, Options{MaxBytes: 20_000}},
	} {
		t.Run(name, func(t *testing.T) {
			perName := func(n int) uint64 {
				cache, err := New(test.source, &test.o)
				if err != nil {
					t.Fatal(err)
				}
				names := make([]string, n)
				for i := range names {
					names[i] = fmt.Sprint("/shop/", i)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if got, err := cache.Many(t.Context(), names...); len(got) != n || err != nil {
					t.Fatalf("got %d values, %v, want %d", len(got), err, n)
				}
				runtime.ReadMemStats(&after)
				if kept := len(*cache.entries.Load()); kept > cache.options.MaxRecords {
					t.Errorf("got %d entries, want at most %d", kept, cache.options.MaxRecords)
				}
				return (after.TotalAlloc - before.TotalAlloc) / uint64(n)
			}
			if few, many := perName(1_000), perName(8_000); many > 2*few {
				t.Errorf("got %d bytes a name with 8,000 names, %d with 1,000; want about the same", many, few)
			}
		})
	}
}
