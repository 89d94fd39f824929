// Package logging writes structured logs of Lambda functions. Its [Handler] is a slog.Handler
// that writes lines of JSON. CloudWatch and Lambda's log filter understand them, and each line
// carries the fields of the invocation.
//
//	logs := logging.New(nil)
//	slog.SetDefault(slog.New(logs))
//	lambda.Start(lambdakit.Wrap(handle, logs.Middleware))
//
// Then slog.InfoContext(ctx, "order accepted", "total", 12.5) writes
//
//	{"level":"INFO","message":"order accepted","timestamp":"2026-11-22T10:15:30.123Z",
//	 "service":"orders","cold_start":true,"function_arn":"arn:aws:lambda:...","function_memory_size":128,
//	 "function_name":"orders","function_version":"$LATEST","function_request_id":"c6af9ac6-...",
//	 "xray_trace_id":"1-5759e988-...","total":12.5}
//
// as one line in one write.
//
// [New] never fails. It reports each mistake in the options and the environment once, through
// Options.OnError, and says which value it uses instead. Log calls return no errors.
//
// # Fields
//
// A line has these fields, in this order. Unknown ones are absent.
//
//   - level, message, timestamp
//   - service
//   - cold_start, function_arn, function_memory_size (MB, a number), function_name,
//     function_version
//   - function_request_id, xray_trace_id (the root of the trace), tenant_id
//   - correlation_id
//   - sampling_rate, if sampling is on
//   - source, with Options.AddSource
//   - the attributes of Options.Attrs, [Append], [With], Options.FromContext, Logger.With and the
//     log call
//
// The fields of the toolkit and the attributes of Options.Attrs, Append, With and FromContext are
// at the top level also inside WithGroup.
//
// Use Append for the whole invocation, and With for the lines of one context: a goroutine, or one
// record of a batch.
//
// The members of an object have different names. If two have the same name, the later one in the
// order above stays. A value that encodes itself, such as a json.RawMessage, is not checked.
//
// Attributes and groups do not replace the fields of the toolkit. One named level is written as
// attr_level, one named service as attr_service, and so on. The name source is reserved only with
// AddSource, and correlation_id only if the line has a correlation id.
//
// Lambda assumes that a line without a timestamp has the level INFO. If the record of a line at
// another level has no time, the line gets the current time.
//
// # Invocations
//
// A line logged with the context of an invocation carries its fields. This does not need the
// Middleware: several Handlers in one program all have the fields. A line without a context, also
// one of a library, carries the fields while exactly one invocation runs, if the Handler has its
// Middleware in the invocation or has logged with its context before.
//
// Outside an invocation, lines have the fields of the options and of [With]. Append, Remove,
// SetCorrelationID and Flush do nothing there.
//
// # Middleware
//
// [Handler.Middleware] writes these lines at ERROR, each once:
//
//   - "invocation failed", with the error. Errors given to Invocation.Fail count.
//   - "invocation panicked", with the value and its stack.
//   - "invocation is about to time out", shortly before the deadline.
//   - "goroutines of the invocation that is about to time out", with the stacks of all goroutines.
//     It follows after the other middleware has written its metrics and spans. Writing the stacks
//     stops the process for some microseconds a goroutine. If there are more than 128, the line is
//     left out; goroutine_count on the line before says how many there are.
//
// If several Handlers have their Middleware in one invocation, the first one writes these lines.
// Lines that a [Buffer] holds back are written before them, and before any other line at ERROR
// or above.
//
// The order of the Middleware of logging and of tracing in lambdakit.Wrap does not matter.
// The Middleware of idempotency belongs innermost, which means last: the others then also see the
// invocations that it answers.
//
// # The log package
//
// After slog.SetDefault the standard log package writes such lines, too, at INFO. aws-lambda-go
// prints the error of an invocation through it. That text is not written a second time if a
// Middleware has written the error; otherwise it becomes a line at ERROR.
//
// If the level is above INFO, slog drops the lines of the log package, except one: the line of
// log.Fatal is written at FATAL, because it is often the only one that says why the process ends.
// slog.SetLogLoggerLevel(slog.LevelError) gives all lines of the log package another level.
// [Handler.Fatal] does the same as log.Fatal with attributes.
//
// # Levels
//
// The levels are the ones that Lambda filters by: TRACE, DEBUG, INFO, WARN, ERROR and FATAL.
// [LevelTrace] and [LevelFatal] are not among slog's.
//
// AWS_LAMBDA_LOG_LEVEL wins over all other settings, over sampling and over changes at run time,
// because Lambda drops the lines below it.
//
// Lambda filters only functions whose log format is JSON, by the members level and timestamp. Its
// default is INFO. Lines at DEBUG, also sampled and released ones, arrive only if the function's
// ApplicationLogLevel is DEBUG or TRACE. One warning says so if the options ask for such lines.
//
// # Values
//
// Values are encoded as by slog's JSONHandler, with these differences. They also hold inside
// slices, maps and structs:
//
//   - An error is an object with message, type, stack (if it carries one) and cause or causes.
//     Errors of fmt.Errorf inside others are left out because they only repeat the text. A
//     messages.InvokeResponse_Error has its own type and message. URLs in the texts lose user,
//     password and the values of parameters such as token or X-Amz-Signature.
//   - A slog.LogValuer is resolved.
//   - NaN and infinities are the strings "NaN", "+Inf" and "-Inf".
//   - A value whose methods panic, or that encoding/json refuses, becomes a string that begins
//     with "!PANIC" or "!ERROR". If LogValue panics, log/slog puts an error in its place.
//
// # Bounds
//
// More than 1,024 attributes in one object, 4,096 on a line, 32 nested groups or 100 nested values
// are left out, and "!ERROR" says so. At most 16 causes of an error are written, in depth and in
// number. An error takes at most half of a line: its texts and its stack are shortened, its type
// and causes stay.
//
// A line is always valid JSON and at most Options.MaxLineBytes long. In a longer one, the fields
// of the toolkit, message and errors stay. The longest other values are cut and end in
// "...[cut]". If that is not enough, attributes are left out, the last ones first. The member
// log_bytes is the original length, and log_dropped the number of attributes left out.
//
// # Environment
//
//   - POWERTOOLS_SERVICE_NAME: Options.Service.
//   - AWS_LAMBDA_LOG_LEVEL, POWERTOOLS_LOG_LEVEL, LOG_LEVEL: the level, in this order.
//   - AWS_LAMBDA_LOG_FORMAT: says whether Lambda filters. The output is always JSON.
//   - POWERTOOLS_LOGGER_SAMPLE_RATE: Options.SampleRate.
//   - POWERTOOLS_LOGGER_LOG_EVENT: Options.LogEvent.
//   - POWERTOOLS_DEV: lines are indented, and coloured on a terminal.
//   - TZ: Options.Location.
//
// Switches are 1, y, yes, t, true, on or 0, n, no, f, false, off.
//
// # Secrets
//
// Events and responses are logged only if Options.LogEvent or Options.LogResponse is set. The
// usual credentials are left out of them: Authorization, Cookie, Set-Cookie, x-api-key, tokens,
// passwords, secrets and the like. Options.Redact names further fields whose values never appear.
// A [lambdakit.Secret] prints as [redacted] everywhere.
//
// # Cost
//
// A line with up to five attributes of the log call allocates nothing. The fields of an invocation
// are encoded once, at its first line, and the fields of a context once, in With.
package logging
