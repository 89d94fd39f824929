// Package stats computes the statistics of the benchmarks: medians and quartiles of a few
// rounds.
package stats

import (
	"math"
	"slices"
)

// Median returns the median of xs, or NaN if xs is empty.
func Median(xs []float64) float64 { return Quantile(xs, 0.5) }

// Quartiles returns the first and the third quartile of xs.
func Quartiles(xs []float64) (q1, q3 float64) { return Quantile(xs, 0.25), Quantile(xs, 0.75) }

// Quantile returns the q-quantile of xs, for q from 0 to 1. It interpolates between neighbours
// (type 7, the default of R and NumPy). It returns NaN if xs is empty.
func Quantile(xs []float64, q float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Pairs returns f for each pair of values of a and b with the same index, that is, of the same
// round.
func Pairs(a, b []float64, f func(a, b float64) float64) []float64 {
	all := make([]float64, min(len(a), len(b)))
	for i := range all {
		all[i] = f(a[i], b[i])
	}
	return all
}
