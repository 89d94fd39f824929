// Package stats computes the medians and quartiles of a few rounds.
package stats

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Median returns the median of xs, or NaN if xs is empty.
func Median(xs []float64) float64 {
	return benchmath.AssumeNothing.Summary(sample(xs), 0.95).Center
}

// Quartiles returns the first and the third quartile of xs, which is not empty. It interpolates
// between neighbours (type 7, the default of R and NumPy). Package benchmath has no quartiles.
func Quartiles(xs []float64) (q1, q3 float64) {
	sorted := sample(xs).Values
	at := func(q float64) float64 {
		i, share := math.Modf(q * float64(len(sorted)-1))
		low := sorted[int(i)]
		high := sorted[min(int(i)+1, len(sorted)-1)]
		return low + share*(high-low)
	}
	return at(0.25), at(0.75)
}

// sample returns a sorted copy of xs.
func sample(xs []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(xs), &benchmath.DefaultThresholds)
}
