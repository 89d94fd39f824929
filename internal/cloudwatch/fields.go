package cloudwatch

import (
	"slices"
	"strings"
)

// Field is a member of a log line, or a part of one, that the toolkit or Lambda writes.
type Field struct{ Name, Type, Writer, When string }

// Fields are the fields that the toolkit writes. They are an API: queries and alarms of users depend on
// them. docs/fields.md documents them, and a test compares it with this list and with the code.
var Fields = []Field{
	{"level", "text", "logging", "every line: TRACE, DEBUG, INFO, WARN, ERROR or FATAL"},
	{"message", "text", "logging", "every line"},
	{"timestamp", "text", "logging", "every line: RFC 3339, milliseconds"},
	{"service", "text", "logging", "if the service has a name"},
	{"cold_start", "boolean", "logging", "every line of an invocation"},
	{"function_arn", "text", "logging", "every line of an invocation"},
	{"function_memory_size", "number", "logging", "every line of an invocation: MB"},
	{"function_name", "text", "logging", "every line of an invocation"},
	{"function_version", "text", "logging", "every line of an invocation"},
	{"function_request_id", "text", "logging, metrics", "every line and every metric document of an invocation"},
	{"xray_trace_id", "text", "logging", "every line of an invocation that has a trace"},
	{"tenant_id", "text", "logging", "every line of an invocation that has a tenant"},
	{"correlation_id", "text", "logging", "if the invocation or the record has one"},
	{"sampling_rate", "number", "logging", "if sampling is on"},
	{"source", "object", "logging", "with Options.AddSource: file, function, line"},
	{"message_id", "text", "logging, batch", "every line of a record of a batch"},
	{"attempt", "number", "logging", "every line of a record whose source counts deliveries"},
	{"error", "object", "logging, batch", "lines about failures, and errors that your code logs"},
	{"error.message", "text", "logging", "in every error"},
	{"error.type", "text", "logging", "in every error"},
	{"error.stack", "text", "logging", "in panics, and in errors that carry a stack"},
	{"error.cause", "object", "logging", "in an error that wraps another one: the same members"},
	{"error.causes", "array", "logging", "in an error that wraps several"},
	{"remaining_ms", "number", "logging", "invocation is about to time out: milliseconds until the deadline"},
	{"goroutine_count", "number", "logging", "invocation is about to time out"},
	{"goroutines", "text", "logging", "goroutines of the invocation that is about to time out: their stacks"},
	{"work", "text", "logging", "work after the response failed: its name"},
	{"event", "value", "logging", "Lambda invocation event"},
	{"response", "value", "logging", "Lambda invocation response"},
	{"http_method", "text", "logging", "HTTP request"},
	{"http_route", "text", "logging", "HTTP request: the pattern that matched, or the path"},
	{"http_status", "number", "logging", "HTTP request"},
	{"duration_ms", "number", "logging", "HTTP request: milliseconds"},
	{"log_bytes", "number", "logging", "a line that was shortened: its original length"},
	{"log_dropped", "number", "logging", "a line that was shortened: attributes left out"},
	{"trace_id", "text", "tracing", "with tracing.LogAttrs: OpenTelemetry's form"},
	{"span_id", "text", "tracing", "with tracing.LogAttrs"},
	{"idempotency_key", "text", "idempotency", "with idempotency.LogAttrs, inside a guarded call"},
	{"idempotency_replayed", "boolean", "idempotency", "with idempotency.LogAttrs, if a stored answer is given"},
	{"count", "number", "batch", "handlers did not return after their context ended"},
	{"message_ids", "array", "batch", "handlers did not return after their context ended"},
	{"reserve", "text", "batch", "Options.Reserve leaves no time for the records"},
	{"left", "text", "batch", "Options.Reserve leaves no time for the records"},
	{"event_type", "text", "events/outbox", "event published, and a record that was written again"},
	{"event_id", "text", "events/outbox", "event published, and a record that was written again"},
	{"envelope", "number", "events", "an envelope that does not exist"},
	{"front_end", "text", "httpapi", "the front end takes one Set-Cookie header only"},
	{"open_for", "text", "events/adapter", "the breaker is open: how long"},
	{"again", "boolean", "events/adapter", "the breaker is open: a probe failed"},
}

// Message is a text that the toolkit writes as the message of a line.
type Message struct{ Text, Level, Writer, Meaning string }

// Fixed messages that queries depend on.
const (
	messageFailed   = "invocation failed"
	messagePanicked = "invocation panicked"
	messageTimeout  = "invocation is about to time out"
	messageRecord   = "record failed"
	messageHTTP     = "HTTP request"
)

// Messages are the fixed messages of the toolkit. They are an API as Fields are.
var Messages = []Message{
	{messageFailed, "ERROR", "logging", "the function returned an error, or called Invocation.Fail"},
	{messagePanicked, "ERROR", "logging", "the function panicked; error.stack has the frames"},
	{messageTimeout, "ERROR", "logging", "written shortly before the deadline"},
	{"goroutines of the invocation that is about to time out", "ERROR", "logging", "follows the line before"},
	{"the execution environment is shutting down before the invocation is done", "ERROR", "logging", "a shutdown came first"},
	{messageRecord, "ERROR", "logging", "the handler of a record of a batch failed"},
	{"work after the response failed", "ERROR", "logging", "work of AfterResponse returned an error"},
	{"some log lines are missing here: newer ones took their place in the buffer; raise Buffer.MaxBytes", "WARN", "logging", "with Options.Buffer, before the lines that were held back"},
	{"a log line was too large to be held back and was written at once; raise Buffer.MaxBytes", "WARN", "logging", "with Options.Buffer"},
	{messageHTTP, "INFO", "logging", "one for each HTTP request, with Options.LogRequest"},
	{"Lambda invocation event", "INFO", "logging", "with Options.LogEvent"},
	{"Lambda invocation response", "INFO", "logging", "with Options.LogResponse"},
	{"batch: S3 sent a test event; it is done", "DEBUG", "batch", "S3 tests a new notification"},
	{"batch: a record failed permanently and Options.DeadLetters is not set; it comes again until its queue gives it up", "WARN", "batch", "once for each batch of a queue"},
	{"batch: a record failed permanently and Options.DeadLetters is not set; it blocks the records behind it until it expires", "WARN", "batch", "once for each batch of a stream"},
	{"batch: Options.OnFailure panicked", "ERROR", "batch", "the hook of your code"},
	{"batch: a dead letter was not taken over; its record comes again", "ERROR", "batch", "the dead-letter queue refused it"},
	{"batch: Options.Reserve leaves no time for the records, so the default is used; give a shorter Reserve, or the function a longer timeout", "WARN", "batch", "the invocation has no more time than Options.Reserve"},
	{"batch: handlers did not return after their context ended; their records are reported and their goroutines left behind", "ERROR", "batch", "handlers ignore their context"},
	{"batch: Options.CorrelationID panicked", "ERROR", "batch", "the hook of your code"},
	{"httpapi: the front end takes one Set-Cookie header only, so the last one is sent; a load balancer takes all if the attribute lambda.multi_value_headers.enabled of its target group is true", "WARN", "httpapi", "once for each process"},
	{"events: Options.Envelope is not one of this package; events have metadata and data", "WARN", "events", "at start"},
	{"adapter: the other system fails; the breaker is open", "WARN", "events/adapter", "calls fail without being sent"},
	{"adapter: the other system works again; the breaker is closed", "WARN", "events/adapter", "calls are sent again"},
	{"outbox: a record was written again, so its event is published again; if it is another fact, it needs another key, and the Put the condition attribute_not_exists(id)", "WARN", "events/outbox", "an item of the outbox was overwritten"},
	{"outbox: event published", "DEBUG", "events/outbox", "one for each event"},
}

// EMFMetric is a metric that package metrics adds to those of the function.
type EMFMetric struct{ Name, Unit, Dimensions, When string }

// Names of metrics of package metrics.
const (
	metricColdStart        = "ColdStart"
	metricBatchSize        = "BatchSize"
	metricBatchFailures    = "BatchFailures"
	metricBatchDeadLetters = "BatchDeadLetters"
	metricBatchUnprocessed = "BatchUnprocessed"
)

// EMFMetrics are the metrics that package metrics adds.
var EMFMetrics = []EMFMetric{
	{metricColdStart, "Count", "function_name and the default dimensions", "Options.ColdStart, the first invocation of an execution environment"},
	{metricBatchSize, "Count", "the dimensions of the invocation", "Options.Batches"},
	{metricBatchFailures, "Count", "the dimensions of the invocation", "Options.Batches"},
	{metricBatchDeadLetters, "Count", "the dimensions of the invocation", "Options.Batches"},
	{metricBatchUnprocessed, "Count", "the dimensions of the invocation", "Options.Batches"},
}

// LambdaFields are the fields that Lambda and Logs Insights add and that queries use.
var LambdaFields = []Field{
	{"@timestamp", "time", "Logs Insights", "every line"},
	{"@message", "text", "Logs Insights", "every line"},
	{"@type", "text", "Logs Insights", "lines of Lambda in the text format: REPORT"},
	{"@duration", "number", "Logs Insights", "REPORT: milliseconds"},
	{"@billedDuration", "number", "Logs Insights", "REPORT: milliseconds"},
	{"@initDuration", "number", "Logs Insights", "REPORT of a cold start: milliseconds"},
	{"@memorySize", "number", "Logs Insights", "REPORT: bytes"},
	{"@maxMemoryUsed", "number", "Logs Insights", "REPORT: bytes"},
	{"type", "text", "Lambda", "lines of Lambda in the JSON format: platform.report"},
	{"record.requestId", "text", "Lambda", "platform.report"},
	{"record.status", "text", "Lambda", "platform.report: success, error, failure or timeout"},
	{"record.errorType", "text", "Lambda", "platform.report of a failure"},
	{"record.metrics.durationMs", "number", "Lambda", "platform.report: milliseconds"},
	{"record.metrics.billedDurationMs", "number", "Lambda", "platform.report: milliseconds"},
	{"record.metrics.initDurationMs", "number", "Lambda", "platform.report of a cold start: milliseconds"},
	{"record.metrics.memorySizeMB", "number", "Lambda", "platform.report: MB"},
	{"record.metrics.maxMemoryUsedMB", "number", "Lambda", "platform.report: MB"},
}

// otherLoggers are the names that log/slog, zap, zerolog and lambdacontext.NewLogHandler give to the time,
// the message and the invocation. They are not own fields.
var otherLoggers = []string{"time", "ts", "msg", "caller", "logger", "stacktrace", "requestId", "functionArn", "tenantId"}

// messageFields are the fields of Fields that only lines with fixed messages have. In other lines they are
// the function's own.
var messageFields = []string{
	"remaining_ms", "goroutine_count", "goroutines", "work", "event", "response", "http_method", "http_route", "http_status", "duration_ms",
	"count", "message_ids", "event_type", "event_id", "envelope", "front_end", "open_for", "again",
}

// fieldKind says which code writes a field.
type fieldKind int

const (
	ownField     fieldKind = iota
	toolkitField           // in Fields
	otherField             // of another logger
)

// kindOf returns the kind of a top-level field in a line whose message is fixed or not.
func kindOf(name string, fixed bool) fieldKind {
	switch {
	case slices.Contains(otherLoggers, name) || strings.HasPrefix(name, "!"):
		return otherField
	case slices.Contains(messageFields, name) && !fixed:
		return ownField
	case slices.ContainsFunc(Fields, func(f Field) bool { return f.Name == name }):
		return toolkitField
	}
	return ownField
}

// isFixed reports whether Messages has a message.
func isFixed(message string) bool {
	return slices.ContainsFunc(Messages, func(m Message) bool { return m.Text == message })
}
