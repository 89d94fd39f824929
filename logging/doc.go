// Package logging writes structured logs of Lambda functions: a slog.Handler whose
// lines are JSON that CloudWatch and Lambda's own log filter understand, with the
// fields of the invocation on each.
//
//	logs := logging.New(nil)
//	slog.SetDefault(slog.New(logs))
//	lambda.Start(lambdakit.Wrap(handle, logs.Middleware))
//
// From then on slog.InfoContext(ctx, "order accepted", "total", 12.5) writes
//
//	{"level":"INFO","message":"order accepted","timestamp":"2026-11-22T10:15:30.123Z",
//	 "service":"orders","cold_start":true,"function_arn":"arn:aws:lambda:...","function_memory_size":128,
//	 "function_name":"orders","function_version":"$LATEST","function_request_id":"c6af9ac6-...",
//	 "xray_trace_id":"1-5759e988-...","total":12.5}
//
// as one line in one write. Calls without a context, of libraries too, carry the
// same fields while exactly one invocation runs. With slog.SetDefault the standard
// log package writes such lines as well, at INFO, and what aws-lambda-go prints about
// the error of an invocation is not written a second time. If the level is above INFO, slog
// drops both; only the line of log.Fatal is written then, at FATAL. Call
// slog.SetLogLoggerLevel(slog.LevelError) to give all lines of the log package another level.
//
// # Fields
//
// In this order: level, message, timestamp, service, cold_start, function_arn,
// function_memory_size (MB, a number), function_name, function_version,
// function_request_id, xray_trace_id (the root of the trace), tenant_id,
// correlation_id, sampling_rate (where sampling is on), source (with AddSource);
// then the attributes of Options, of [Append], of Options.FromContext, of With, and
// of the log call. What is unknown is absent. The fields up to source stand at the
// top level also inside WithGroup, as those of Options, Append and FromContext do.
//
// No object has two members of one name: the later one in this order stays. (JSON of
// a value's own making, such as a json.RawMessage, is taken as it is.) An attribute or
// group that is named like one of the fields up to sampling_rate (or source,
// with AddSource) is written as attr_level, attr_service and so on; one named correlation_id
// only in an invocation that has a correlation id.
//
// Only a line at INFO may go without a timestamp: Lambda takes such a line for one at INFO. All
// others get the current time if their record has none.
//
// # Values
//
// Values are encoded as slog's JSONHandler does it, with these differences, which also hold
// inside slices, maps and structs:
//
//   - An error is an object with message, type, stack (if it carries one) and cause or causes.
//     Errors of fmt.Errorf inside others are left out, since they only repeat the text. A
//     messages.InvokeResponse_Error has its own type and message. URLs in the texts lose user,
//     password and the values of parameters such as token or X-Amz-Signature.
//   - A slog.LogValuer is resolved.
//   - NaN and infinities are the strings "NaN", "+Inf" and "-Inf".
//   - A value whose methods panic, or that encoding/json refuses, becomes a string that begins
//     with "!PANIC" or "!ERROR". For one whose LogValue panics, log/slog puts an error that says so.
//
// # Bounds
//
// More than 1,024 attributes at one level, 4,096 on a line, 32 groups in each other or 100
// values in each other are left out, and "!ERROR" says so. Of an error, 16 causes in each
// direction are written, and it takes at most half of a line: its texts and its stack are
// shortened, and its type and causes stay.
//
// A line is valid JSON whatever it is given, and at most Options.MaxLineBytes long. In a longer
// one, the fields of the toolkit, message and errors stay. The longest other values are cut and
// end in "...[cut]"; if that is not enough, attributes are left out, the last ones first. The
// member log_bytes tells the original length, log_dropped the number of attributes left out.
//
// # Levels
//
// TRACE, DEBUG, INFO, WARN, ERROR and FATAL: those that Lambda filters on, with
// [LevelTrace] and [LevelFatal] besides slog's. AWS_LAMBDA_LOG_LEVEL wins over all
// other settings, over sampling and changes at run time too, since Lambda drops what
// is below it anyway. Lambda filters functions with JSON log format only, by the
// members level and timestamp; its default is INFO, so that lines at DEBUG, even
// sampled or released ones, do not arrive unless ApplicationLogLevel is DEBUG. Where
// Options ask for them all the same, one warning says so.
//
// # Middleware
//
// [Handler.Middleware] gives the lines of an invocation their fields and writes, at
// ERROR: "invocation failed" with the error, also with one given to Invocation.Fail, and
// "invocation panicked" with the value and its stack, each once; and, shortly before the
// deadline, "invocation is about to time out". Lines that a [Buffer] holds back are
// written before each of these, and before any other line at ERROR or above.
//
// When the other middleware has written its metrics and spans, "goroutines of the invocation
// that is about to time out" follows, with the stacks of the goroutines. To write them stops the
// whole process for some microseconds a goroutine, so the line is left out if there are more than
// 128: goroutine_count on the line before says how many there are.
//
// # Environment
//
//   - POWERTOOLS_SERVICE_NAME: Options.Service.
//   - AWS_LAMBDA_LOG_LEVEL, POWERTOOLS_LOG_LEVEL, LOG_LEVEL: the level, in this order.
//   - AWS_LAMBDA_LOG_FORMAT: says whether Lambda filters; the output is always JSON.
//   - POWERTOOLS_LOGGER_SAMPLE_RATE: Options.SampleRate.
//   - POWERTOOLS_LOGGER_LOG_EVENT: Options.LogEvent.
//   - POWERTOOLS_DEV: lines are indented, and coloured on a terminal.
//   - TZ: Options.Location.
//
// Switches are 1, y, yes, t, true, on or 0, n, no, f, false, off.
//
// # Secrets
//
// Events and responses are not logged unless asked for. If they are, the usual credentials are
// left out of them: Authorization, Cookie, Set-Cookie, x-api-key, tokens, passwords, secrets and
// the like. Options.Redact names further fields whose values never appear; a [Secret] prints as
// [redacted] everywhere.
//
// # Cost
//
// A line with up to five attributes of the log call allocates nothing. The fields of
// an invocation are encoded once, at its first line.
package logging
