package main

import "testing"

func TestTable(t *testing.T) {
	t.Parallel()
	m := measurements{
		"p/A/ours":          {values: []float64{110, 120, 130}, allocs: []float64{0, 0, 0}},
		"p/A/peer":          {values: []float64{100, 100, 100}},
		"p/A/floor":         {values: []float64{9.44, 9.44}},
		"coldstart/a/bytes": {values: []float64{6_700_000}},
		"coldstart/b/bytes": {values: []float64{6_300_000}},
	}
	claims := []claim{
		{what: "speed", ours: "p/A/ours", peers: []string{"p/A/peer"}, floor: "p/A/floor", goal: times(1.15, "p/A/peer"), allocs: allocs(0), short: true},
		{what: "size", ours: "coldstart/a/bytes", goal: over("coldstart/b/bytes", 200_000), unit: sizeInBytes},
	}
	var rows []row
	for _, c := range claims {
		r, err := c.judge(m)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	const want = `| what | lambdakit | best peer | floor | ours / peer | goal | found [quartiles] | holds |
|---|---|---|---|---|---|---|---|
| speed | 120 ns (0) | 100 ns peer | 9.4 ns | 1.20 x | at most 1.15 x peer, 0 allocations | 1.20 x [1.15 x, 1.25 x] | noise |
| size | 6.70 MB |  |  |  | b + 0.20 MB | + 0.40 MB | **no** |
`
	if got := table(rows); got != want {
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
	}{{2.54, "2.5 ns"}, {62.3, "62 ns"}, {999, "999 ns"}, {1826, "1.83 us"}, {29_160, "29.16 us"}, {288_000, "288 us"}, {3_470_000, "3.47 ms"}, {-2_100, "-2.10 us"}} {
		if got := nanoseconds.format(c.v); got != c.want {
			t.Errorf("%v: %s, want %s", c.v, got, c.want)
		}
	}
}
