// Package metrics compares the cost of CloudWatch metrics in Embedded Metric Format with the
// toolkit and with other ways to write them.
//
//	go test -run '^$' -bench . ./metrics
//
// # Document
//
// One document has three metrics (a count, a time in milliseconds and a size in bytes), two
// dimensions and two members of metadata, the request id and a small number. The time
// includes everything from recording to the written line. TestSameInformation checks that
// all variants write the same document.
//
//   - lambdakit-invocation: an invocation through lambdakit.WrapFunc and the middleware,
//     because the toolkit writes at the end of an invocation. The time includes Wrap, a timer
//     for the deadline and reading the clock. The instruments are bound to the route in
//     advance, and the toolkit finds the request id.
//   - lambdakit-invocation-with: the same, but each invocation binds the route, as a function
//     does that knows the route only then.
//   - lambdakit-off: lambdakit-invocation with Options.Disabled.
//   - frame: Wrap without middleware and metrics. Subtract it from the first two variants. It
//     sets no timer, so the timer counts as a cost of the metrics.
//   - prozz: a logger of github.com/prozz/aws-embedded-metrics-golang for each document,
//     because a logger keeps the metrics that it has written. Its properties are strings, so
//     the small number is a string as well.
//   - json: structs for exactly this document, and encoding/json.
//   - floor: no library, and the least that a document can cost. Everything but the values is
//     copied from texts made in advance, so the clock is not read, and no text is escaped.
//
// Documents go to io.Discard. In DocumentFile they go to /dev/null, with one system call for
// each. In DocumentParallel eight documents are made at the same time, and json and floor have
// a buffer for each goroutine.
//
// # Record
//
// One value is recorded inside an invocation, with two dimensions bound. Record uses one
// goroutine. RecordParallel uses as many as there are processors, all in the same invocation.
//
//   - lambdakit-counter: adds up, and writes no document while the benchmark runs.
//   - lambdakit-distribution: keeps every value, and writes a document for every hundred
//     values. Each value's time includes a hundredth of that.
//   - lambdakit-off: lambdakit-counter with Options.Disabled.
//   - floor: one atomic addition to an integer.
//   - mutex-map: a sync.Mutex and a map[string]float64, with a key made in advance. It checks
//     no values, and it does not look for an invocation.
//
// # Powertools for TypeScript
//
// testdata/powertools.mjs writes the same document with Powertools for AWS Lambda
// (TypeScript). It gives an idea of the cost in the other runtimes. The flag -node of
// benchmarks/report runs it. To run it by hand, use an empty folder; it prints its result to
// standard error:
//
//	cd "$(mktemp -d)" && npm init -y && npm i @aws-lambda-powertools/metrics
//	cp .../benchmarks/metrics/testdata/powertools.mjs . && node powertools.mjs > /dev/null
//
// Compare it with DocumentFile: it writes to standard output, with a system call for each
// document. It does not run inside an invocation.
package metrics
