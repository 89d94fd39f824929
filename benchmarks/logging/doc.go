// Package logging compares what one line of a log costs with the toolkit and with
// other libraries.
//
//	go test -run '^$' -bench . ./logging
//
// The line has sixteen fields: level, message, timestamp, the eight that say which
// function and which invocation speak, and five attributes of the log call: a
// string, an integer, a float, a boolean and a duration in nanoseconds.
// TestSameInformation holds every library to that.
//
// # Libraries
//
//   - lambdakit: slog over this toolkit's handler, with the context of an
//     invocation. The handler finds the eight fields itself.
//   - slog: the JSONHandler of log/slog, the eight fields bound with With.
//   - aws-lambda-go: the slog handler of its package lambdacontext. It takes the
//     request id and the ARN out of the context; the other six are bound with With.
//   - zerolog, zap, phuslu: their own calls, the eight fields bound to the logger,
//     timestamps in RFC 3339 with milliseconds.
//   - floor: no library, and the least there can be. The first eleven fields are
//     copied from a text made beforehand, so the clock is not read, and nothing is
//     escaped. In parallel its buffers come from a pool.
//
// Whoever binds the eight fields has to derive a logger for each invocation. That
// is not measured here, BenchmarkWithThenLine gives an idea of it.
//
// # What to compare
//
// Lines go to io.Discard. The handler of aws-lambda-go writes to os.Stdout only, so
// it writes to /dev/null and pays for a system call with each line; its name then
// ends in "-devnull". Compare it in the benchmarks that end in File, where all
// libraries write there.
//
// Each line is logged through a function value, which adds the same nanosecond or
// two for all. It matters in BenchmarkBelowLevel alone, and in parallel, where floor is a call of an
// empty function.
package logging
