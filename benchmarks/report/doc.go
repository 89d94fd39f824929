// Command report measures what the toolkit claims, beside other libraries, and says of
// each claim whether it holds. From the root of the repository:
//
//	go run ./benchmarks/report          # under five minutes
//	go run ./benchmarks/report -short   # under one
//	go run ./benchmarks/report -write   # also into docs/measurements.md and README.md
//
// Both times are with a warm build cache; the first run compiles the libraries as well.
// The exit status is 1 where a claim does not hold.
//
// # Claims
//
// They are the table in claims.go. Another is one more entry there: what is claimed, the
// benchmark of ours, those of peers, that of the floor, the goal. A benchmark is named by
// its folder, its function and the part of it, as in "logging/Line16/zerolog";
// "own/metrics/Document" is one of the toolkit's package metrics itself, and
// "coldstart/full/init" a figure of a function of benchmarks/coldstart.
//
// # Rounds
//
// Each folder is compiled once. A round runs every benchmark once, briefly, after a run as
// brief that warms up: those of one function one after the other in one process, then the
// next function. In every fifth round, unless the report is short, these are all benchmarks
// that there are, else those that claims name. So what is compared
// with each other ran within a fraction of a second, and what the machine's neighbours do
// meets all. Cold starts take turns in the same way.
//
// # Noise
//
// The figure of a claim is made of medians over all rounds: the median itself, or the ratio
// or the difference of two. The spread is made of the rounds: in each, the same figure is
// made of what that round gave, and the first and the third quartile of these are printed in
// brackets. A claim holds where its figure meets the goal. Where the figure misses the goal
// and the better quartile meets it, that is called noise, and is not a failure. Where even
// that misses it, or there are more allocations than the goal allows, the claim does not
// hold. Sizes have no noise.
//
// # Goals in time
//
// Ratios and differences of what ran side by side mean the same on any machine. Goals that are
// times were set where reading the clock takes 42 ns; where the same run finds that it takes
// longer, they are that much longer, and the table says so.
package main
