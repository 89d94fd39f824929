package main

import (
	"math"
	"testing"

	"github.com/lambdakit/lambdakit/benchmarks/internal/coldstart"
)

func TestDollars(t *testing.T) {
	t.Parallel()
	m := coldstart.Measurement{Init: []float64{3 * ms}, FirstWhole: []float64{1 * ms}, Whole: []float64{0.3 * ms}}
	for _, c := range []struct {
		memoryMB, perGBSecond, want float64
	}{
		// 1,769 MB: 4 ms cold, 1 ms warm.
		{1769, perGBSecondX86, 0.20 + 1e6*1769/1024*0.0000166667*(0.01*0.004+0.99*0.001)},
		// 128 MB: a share of 128/1769. 55.3 ms and 4.1 ms are billed as 56 and 5.
		{128, perGBSecondARM, 0.20 + 1e6*0.125*0.0000133334*(0.01*0.056+0.99*0.005)},
		// More than a processor is not faster.
		{3538, perGBSecondX86, 0.20 + 1e6*3538/1024*0.0000166667*(0.01*0.004+0.99*0.001)},
	} {
		if got := dollars(m, c.memoryMB, c.perGBSecond); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v MB: got %v, want %v", c.memoryMB, got, c.want)
		}
	}
}

func TestChoosingTable(t *testing.T) {
	t.Parallel()
	of := func(name, what string) coldstart.Binary {
		return coldstart.Binary{Function: coldstart.Function{Name: name, What: what}, Bytes: 6_290_000}
	}
	got := choosingTable([]coldstart.Measurement{
		{Binary: of("zerolog", "bare and zerolog")},
		{Binary: of("dynamodb", "is not on the page")},
		{Binary: of("bare", "nothing"), Init: []float64{3e6}, First: []float64{4e5}, FirstWhole: []float64{4e5}, Warm: []float64{2e5}, Whole: []float64{3e5}},
	})
	const want = `| function | with | size | start | first invocation | warm invocation | warm, billed | 128 MB arm64 | 128 MB x86 | 512 MB arm64 | 512 MB x86 |
|---|---|---|---|---|---|---|---|---|---|---|
| ` + "`bare`" + ` | nothing | 6.29 MB | 3.00 ms | 400 us | 200 us | 300 us | $0.209 | $0.211 | $0.214 | $0.218 |
| ` + "`zerolog`" + ` | bare and zerolog | 6.29 MB | - | - | - | - | - | - | - | - |
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestChoices_AreFunctions(t *testing.T) {
	t.Parallel()
	for _, name := range choices {
		if len(coldstart.Named(name)) != 1 {
			t.Errorf("%s: not a function", name)
		}
	}
}
