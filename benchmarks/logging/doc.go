// Package logging compares the cost of one log line with the toolkit and with other
// libraries.
//
//	go test -run '^$' -bench . ./logging
//
// The line has sixteen fields: level, message, timestamp, eight fields that identify the
// function and the invocation, and five attributes of the log call. The attributes are a
// string, an integer, a float, a boolean and a duration in nanoseconds. TestSameInformation
// checks that every library writes these fields.
//
// # Libraries
//
//   - lambdakit: slog with this toolkit's handler and the context of an invocation. The
//     handler finds the eight fields without help.
//   - slog: the JSONHandler of log/slog, with the eight fields bound by With.
//   - aws-lambda-go: the slog handler of its package lambdacontext. It reads the request id
//     and the ARN from the context. The other six fields are bound by With.
//   - zerolog, zap, phuslu: their own calls, with the eight fields bound to the logger, and
//     with timestamps in RFC 3339 with milliseconds.
//   - slog-front-end: slog with a handler that does nothing.
//   - floor: no library, and the least that a line can cost. The first eleven fields are
//     copied from a text made in advance, so the clock is not read, and no text is escaped.
//     In parallel its buffers come from a pool.
//
// A program that binds the eight fields has to derive a logger for each invocation. These
// benchmarks do not include that cost. BenchmarkWithThenLine gives an idea of it.
//
// # Comparisons
//
// Lines go to io.Discard. The handler of aws-lambda-go writes only to os.Stdout. So it writes
// to /dev/null and pays for a system call with each line, and its name ends with "-devnull".
// Compare it in the benchmarks whose names end with File: there all libraries write to
// /dev/null.
//
// Each line is logged through a function value, which adds one or two nanoseconds for every
// library. That matters only in BenchmarkBelowLevel, also in parallel, where floor is a call
// of an empty function.
package logging
