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
// A line has these fields, in this order. Fields without a value are absent.
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
// WithGroup affects only the attributes of Logger.With and the log call. All other fields are at
// the top level.
//
// Use Append for the whole invocation, and With for the lines of one context, such as a goroutine.
//
// While package batch handles a record, or your own loop after lambdakit.BeginMessage, the context of
// the record decides. Its lines also have the fields message_id and attempt, and the correlation id of
// the record. Append and SetCorrelationID with this context act on the record. A record that fails
// gets one line at ERROR, "record failed", with the error.
//
// An object never has two members with the same name: the later one in the order above is written.
// A value that encodes itself, such as a json.RawMessage, is not checked.
//
// Attributes and groups do not replace the fields of the toolkit. An attribute named level is
// written as attr_level, and so on. The name source is reserved only with AddSource, and
// correlation_id only if the line has a correlation id.
//
// Lambda assumes that a line without a timestamp has the level INFO. So if a slog.Record at another
// level has no time, the line gets the current time.
//
// # Invocations
//
// A line logged with the context of an invocation carries the fields of the invocation, also if the
// Handler has no Middleware in it. A line without a context, such as a line of a library, carries
// them if exactly one invocation is running. This needs the Middleware of the Handler, or an
// earlier line that it logged with the context.
//
// Outside an invocation, lines have the fields of the options and of [With]. Append, Remove,
// SetCorrelationID and Flush do nothing there.
//
// # Middleware
//
// [Handler.Middleware] writes these lines at ERROR:
//
//   - "invocation failed", with the error. Errors given to Invocation.Fail count.
//   - "record failed", with the error, for each failed record of a batch.
//   - "invocation panicked", with the value and the stack of the panic.
//   - "invocation is about to time out", shortly before the deadline. Before a shutdown: "the
//     execution environment is shutting down before the invocation is done".
//   - "goroutines of the invocation that is about to time out", with the stacks of all goroutines.
//     It follows after the other middleware has written its metrics and spans. Writing the stacks
//     stops the process for some microseconds for each goroutine, so the line is left out if there
//     are more than 128. The line before has their number as goroutine_count.
//
// If several Handlers have their Middleware in one invocation, only the first one writes these
// lines. Lines that a [Buffer] holds back are written before them, and before any other line at
// ERROR or above.
//
// The order of the Middleware of logging and of tracing in lambdakit.Wrap does not matter. Put the
// Middleware of idempotency last, so that the others also see the invocations that it answers.
//
// # The log package
//
// After slog.SetDefault the standard log package writes lines of the Handler, too, at INFO.
// aws-lambda-go prints the error of an invocation through the log package. If a Middleware has
// written the error already, this text is left out. Otherwise it becomes a line at ERROR.
//
// The line of log.Fatal is always written, at FATAL, because it is often the only line that says
// why the process ends. If the level is above INFO, slog drops the other lines of the log package.
// slog.SetLogLoggerLevel(slog.LevelError) gives them another level. [Handler.Fatal] does the same
// as log.Fatal with attributes.
//
// # Levels
//
// The levels are the ones that Lambda filters by: TRACE, DEBUG, INFO, WARN, ERROR and FATAL.
// Package slog does not have [LevelTrace] and [LevelFatal].
//
// AWS_LAMBDA_LOG_LEVEL wins over all other settings, sampling and changes at run time, because
// Lambda drops the lines below this level.
//
// Lambda filters lines only if the log format of the function is JSON. The filter reads the members
// level and timestamp, and its default is INFO. Lines at DEBUG, also from sampling or from a
// [Buffer], arrive only if the function's ApplicationLogLevel is DEBUG or TRACE. If the options ask
// for such lines and the filter drops them, Options.OnError gets one warning.
//
// # Values
//
// Values are encoded as by slog's JSONHandler, with these differences. They also hold inside
// slices, maps and structs:
//
//   - An error is an object with message, type, stack (if it carries one) and cause or causes.
//     Errors of fmt.Errorf inside others are left out because they only repeat the text. An
//     InvokeResponse_Error of aws-lambda-go has its own type and message. User, password and the
//     values of parameters such as token or X-Amz-Signature are removed from URLs in the texts.
//   - A slog.LogValuer is resolved.
//   - NaN and infinities are the strings "NaN", "+Inf" and "-Inf".
//   - A value whose methods panic, or that encoding/json refuses, becomes a string that begins
//     with "!PANIC" or "!ERROR". If LogValue panics, log/slog puts an error in its place.
//
// # Bounds
//
// An object has at most 1,024 attributes, a line 4,096. Groups are nested at most 32 deep, values
// 100 deep. Everything beyond these limits is left out, and "!ERROR" says so. An error has at most
// 16 causes, and chains of causes are at most 16 long. An error takes at most half of a line: its
// texts and its stack are shortened, and its type and causes stay.
//
// A line is always valid JSON and at most Options.MaxLineBytes long. In a longer line, the fields
// of the toolkit, the message and errors stay. The longest other values are cut and end in
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
// A switch is on (1, y, yes, t, true, on) or off (0, n, no, f, false, off).
//
// # Secrets
//
// Events and responses are logged only if Options.LogEvent or Options.LogResponse is set. The usual
// credentials are left out of them: Authorization, Cookie, Set-Cookie, x-api-key, tokens,
// passwords, secrets and the like. Options.Redact names more fields whose values never appear. A
// [lambdakit.Secret] prints as [redacted] everywhere.
//
// # Cost
//
// A line with up to five attributes of the log call allocates nothing. The fields of an invocation
// are encoded once, at its first line, and the fields of a context once, in With.
package logging
