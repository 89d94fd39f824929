// Command report measures the claims of the toolkit, beside other libraries, and says of
// each claim whether it holds. Run it from the root of the repository:
//
//	go run ./benchmarks/report          # less than six minutes
//	go run ./benchmarks/report -short   # less than one
//	go run ./benchmarks/report -write   # also into docs/measurements.md, docs/choosing.md and README.md
//
// Both times are with a warm build cache. The first run compiles the libraries as well.
// The exit status is 1 if a claim does not hold.
//
// # Claims
//
// The claims are the table in claims.go. An entry names the claim, our benchmark, the
// benchmarks of peers and of the floor, and the goal. The name of a benchmark consists of its
// folder, its function and its sub-benchmark:
//
//   - "logging/Line16/zerolog" is a benchmark of this module.
//   - "own/metrics/Document" is a benchmark of the toolkit's package metrics.
//   - "coldstart/full/init" is a figure of a function that package internal/coldstart starts.
//   - "backend/slow/otlp/response" is a figure of a function whose OTLP backend is slow, from package
//     internal/backend. "first" is the response of the first invocation.
//
// # Rounds
//
// Each folder is compiled once. A round runs every benchmark once, briefly, after an equally
// brief run that warms up. One process runs the benchmarks of one function one after the
// other; then comes the next function. A round runs only the benchmarks that claims name. If
// the report is not short, every fifth round runs all benchmarks. So benchmarks that are
// compared with each other run within a fraction of a second, and other load on the machine
// affects all of them. Cold starts take turns in the same way.
//
// # Counts
//
// After the rounds, our benchmark and the best peer of each claim run once more, for a fixed number of
// operations. Their allocations are the ones that the table shows. Two more runs, under strace, count the
// system calls of an operation, and two count its instructions. Package internal/counting does that, and
// says which system calls it leaves out. The counts of a start are totals, from the exec of the program on.
// A dash means that the machine cannot count. A short report does not count peers. With -simulate, valgrind
// counts the instructions that the processor cannot count. Such a count hardly depends on other load.
//
// # Noise
//
// The figure of a claim is made of the medians over all rounds: it is the median of our
// benchmark, or the ratio or the difference of two medians. The same figure is also computed
// for each round. The table shows the first and the third quartile of these figures in
// brackets. The verdict is
//
//   - yes, if the figure meets the goal,
//   - noise, if the figure misses the goal and the better quartile meets it,
//   - no, if the better quartile misses the goal too, or if there are more allocations than
//     the goal allows.
//
// Noise is not a failure. Sizes have no noise.
//
// # Goals in time
//
// Ratios and differences of benchmarks that ran side by side mean the same on any machine.
// Goals that are times were set on a machine that reads its clock in 42 ns. If reading the
// clock takes longer in a run, the goals of that run are longer by the same factor, and the
// table says so.
package main
