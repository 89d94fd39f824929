package stats_test

import (
	"math"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit/benchmarks/internal/stats"
)

func TestQuantiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		xs             []float64
		q1, median, q3 float64
	}{
		{[]float64{7}, 7, 7, 7},
		{[]float64{4, 2}, 2.5, 3, 3.5},
		{[]float64{3, 1, 2}, 1.5, 2, 2.5},
		{[]float64{4, 1, 3, 2}, 1.75, 2.5, 3.25},
		{[]float64{5, 1, 4, 2, 1000}, 2, 4, 5},
	} {
		before := slices.Clone(c.xs)
		q1, q3 := stats.Quartiles(c.xs)
		if got := stats.Median(c.xs); q1 != c.q1 || got != c.median || q3 != c.q3 {
			t.Errorf("%v: %v, %v, %v; want %v, %v, %v", c.xs, q1, got, q3, c.q1, c.median, c.q3)
		}
		if !slices.Equal(c.xs, before) {
			t.Errorf("%v was sorted in place", before)
		}
	}
	if got := stats.Median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing: %v", got)
	}
}
