package main

import (
	"math"
	"testing"

	"github.com/lambdakit/lambdakit/benchmarks/internal/backend"
	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
	"github.com/lambdakit/lambdakit/benchmarks/internal/counting"
)

func TestTable(t *testing.T) {
	t.Parallel()
	m := measurements{
		"p/A/ours":          {values: []float64{110, 120, 130}, allocs: []float64{0, 0, 0}, bytes: []float64{8, 8, 8}, counts: &counting.Counts{SystemCalls: 2.004, Instructions: math.NaN()}},
		"p/A/peer":          {values: []float64{100, 100, 100}, allocs: []float64{3, 3, 3}, bytes: []float64{200, 200, 200}, counts: &counting.Counts{SystemCalls: -0.01, Instructions: math.NaN()}},
		"p/A/part":          {values: []float64{50, 50, 50}, allocs: []float64{0, 0, 0}, bytes: []float64{2, 2, 2}},
		"p/A/floor":         {values: []float64{9.44, 9.44}},
		"coldstart/a/bytes": {values: []float64{6_700_000}},
		"coldstart/b/bytes": {values: []float64{6_300_000}},
	}
	claims := []claim{
		{what: "speed", ours: "p/A/ours", peers: []string{"p/A/peer"}, floor: "p/A/floor", goal: times(1.15, "p/A/peer"), allocs: allocs(0), short: true},
		{what: "a part", ours: "p/A/ours", less: "p/A/part", peers: []string{"p/A/peer"}, goal: times(0.7, "p/A/peer")},
		{what: "size", ours: "coldstart/a/bytes", goal: over("coldstart/b/bytes", 200_000), unit: sizeInBytes},
	}
	rows, err := m.judge(claims)
	if err != nil {
		t.Fatal(err)
	}
	const want = `| what | lambdakit | best peer | floor | ours / peer | goal | found [quartiles] | holds | allocations | bytes | system calls | instructions |
|---|---|---|---|---|---|---|---|---|---|---|---|
| speed | 120 ns | 100 ns peer | 9.4 ns | 1.20 x | at most 1.15 x peer, 0 allocations | 1.20 x [1.15 x, 1.25 x] | noise | 0 / 3 | 8 / 200 | 2 / 0 | - |
| a part | 70 ns | 100 ns peer |  | 0.70 x | at most 0.70 x peer | 0.70 x [0.65 x, 0.75 x] | yes | 0 / 3 | 6 / 200 | - / 0 | - |
| size | 6.70 MB |  |  |  | b + 0.20 MB | + 0.40 MB | **no** | - | - | - | - |
`
	if got := table(rows, m); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	const short = `| what | lambdakit | best peer | goal | found | holds |
|---|---|---|---|---|---|
| speed | 120 ns (0) | 100 ns peer | at most 1.15 x peer, 0 allocations | 1.20 x | noise |
`
	if got := shortTable(rows); got != short {
		t.Errorf("got\n%swant\n%s", got, short)
	}
}

func TestMediansTable(t *testing.T) {
	t.Parallel()
	m := measurements{
		"p/A/x":     {values: []float64{3, 1, 2}, allocs: []float64{1, 1, 1}},
		"p/A/y/z":   {values: []float64{4}, allocs: []float64{0}},
		"own/p/All": {values: []float64{5}, allocs: []float64{0}},
	}
	const want = `| benchmark | medians (allocations) |
|---|---|
| p A | x 2.0 ns (1), y/z 4.0 ns (0) |
| own/p All | 5.0 ns (0) |
`
	if got := mediansTable([]string{"p/A/x", "p/A/y/z", "own/p/All"}, m); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    float64
		want string
	}{{2.54, "2.5 ns"}, {62.3, "62 ns"}, {999, "999 ns"}, {1826, "1.83 us"}, {29_160, "29.16 us"}, {288_000, "288 us"}, {3_470_000, "3.47 ms"}, {3_001_260_293, "3.00 s"}, {-2_100, "-2.10 us"}} {
		if got := nanoseconds.format(c.v); got != c.want {
			t.Errorf("%v: %s, want %s", c.v, got, c.want)
		}
	}
}

func TestFormatCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n    float64
		want string
	}{{0, "0"}, {-0.004, "0"}, {1.002, "1"}, {1.26, "1.3"}, {48.97, "49"}, {12345.6, "12346"}, {math.NaN(), "-"}} {
		if got := formatCount(c.n); got != c.want {
			t.Errorf("%v: got %s, want %s", c.n, got, c.want)
		}
	}
}

func TestBackendsTable(t *testing.T) {
	t.Parallel()
	of := func(name, what string) coldstart.Binary {
		return coldstart.Binary{Function: coldstart.Function{Name: name, What: what}}
	}
	got := backendsTable([]backend.Measurement{
		{Binary: of("bare", "bare"), Kind: backend.Immediate, FirstResponse: []float64{5e5}, FirstWhole: []float64{5e5}, Response: []float64{2e5, 3e5, 4e5}, Whole: []float64{3e5}},
		{Binary: of("otlp", "the SDK"), Kind: backend.Hanging, FirstResponse: []float64{3e9}, FirstWhole: []float64{3e9}, TimedOut: true},
	})
	const want = `| OTLP backend | function | first response | whole first invocation | response | whole invocation |
|---|---|---|---|---|---|
| none | bare | 500 us | 500 us | 300 us | 300 us |
| hangs | the SDK | timeout after 3.00 s | timeout after 3.00 s | - | - |
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
