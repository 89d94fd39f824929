// Package metrics compares what CloudWatch metrics in Embedded Metric Format cost with
// the toolkit and with other ways to write them.
//
//	go test -run '^$' -bench . ./metrics
//
// # Document
//
// One document has three metrics (a count, a time in milliseconds and a size in bytes),
// two dimensions and two members of metadata, the request id and a small number. What
// is measured is everything from recording to the written line.
// TestSameInformation holds all of them to the same document.
//
//   - lambdakit-invocation: an invocation through lambdakit.WrapFunc and the middleware,
//     since that is when the toolkit writes. It pays for the frame, for a timer set for
//     the deadline and for reading the clock. Its instruments are bound to the route
//     beforehand, and the frame finds the request id.
//   - lambdakit-invocation-with: the same, the route bound in each invocation, as where
//     it is known only then.
//   - lambdakit-off: lambdakit-invocation with Options.Disabled.
//   - frame: the frame without middleware and metrics, to be subtracted from the two
//     above. It sets no timer, so that the timer counts as a cost of the metrics.
//   - prozz: a logger of github.com/prozz/aws-embedded-metrics-golang for each document,
//     because it does not forget what it has written. Its properties are strings, so the
//     small number is one as well.
//   - json: structs for this very document, and encoding/json.
//   - floor: no library, and the least there can be. All but the values is copied from
//     texts made beforehand, so the clock is not read, and nothing is escaped.
//
// Documents go to io.Discard, in DocumentFile to /dev/null, with a system call each. In
// DocumentParallel eight are made at once; json and floor have a buffer for each goroutine.
//
// # Record
//
// One value recorded with two dimensions bound, inside an invocation, in one goroutine
// and in as many as there are processors, all in the same invocation.
//
//   - lambdakit-counter: adds up, and nothing is written meanwhile.
//   - lambdakit-distribution: keeps every value, and writes a document whenever it has
//     a hundred; a hundredth of that is in the time of each value.
//   - lambdakit-off: lambdakit-counter with Options.Disabled.
//   - floor: one atomic addition to an integer.
//   - mutex-map: a sync.Mutex and a map[string]float64, whose key is made beforehand. It
//     checks no values, and finds no invocation.
//
// # Powertools for TypeScript
//
// testdata/powertools.mjs writes the same document with Powertools for AWS Lambda
// (TypeScript), for an idea of what users of the other runtimes pay. The flag -node of
// benchmarks/report runs it; by hand, in a folder of its own, it prints to standard error:
//
//	cd "$(mktemp -d)" && npm init -y && npm i @aws-lambda-powertools/metrics
//	cp .../benchmarks/metrics/testdata/powertools.mjs . && node powertools.mjs > /dev/null
//
// Compare it with DocumentFile: it writes to standard output, with a system call for
// each document. It has no frame around it.
package metrics
