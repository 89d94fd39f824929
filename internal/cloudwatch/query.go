package cloudwatch

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a saved query.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
const (
	maxQuery     = 10_000 // characters
	maxQueryName = 255    // characters
)

// Bounds of the queries that depend on the run.
const (
	maxOwnFields     = 40
	maxOwnCharacters = 4_000 // of own fields, together
	maxMetricQueries = 10
)

// query is a saved query of Logs Insights. Its name stands in the folder of the function.
type query struct {
	id       string // of the resource
	name     string
	commands []string
}

// string returns the query with a command on each line.
func (q *query) string() string { return strings.Join(q.commands, "\n| ") }

const (
	filterFailures = `filter level in ["ERROR", "FATAL"]`
	filterReports  = `filter type = "platform.report" or @type = "REPORT"`
)

// newQueries returns the queries that every function has, and more for fields in the run.
func (f *Fragment) newQueries() []query {
	list := []query{
		{"Failures", "Failures", append([]string{"fields @timestamp, message, error.type, error.message, function_request_id, xray_trace_id" + f.ownFields(), filterFailures}, latest(200)...)},
		failuresByKind,
		{"OneInvocation", "One invocation", []string{
			"fields @timestamp, level, message, @message",
			`filter function_request_id = "REQUEST-ID" or record.requestId = "REQUEST-ID"`,
			"sort @timestamp asc", "limit 1000",
		}},
		{"OneTrace", "One trace", []string{
			"fields @timestamp, service, level, message, function_request_id",
			`filter xray_trace_id = "TRACE-ID"`,
			"sort @timestamp asc", "limit 1000",
		}},
		{"TimedOut", "Timeouts", append([]string{
			"fields @timestamp, function_request_id, remaining_ms, goroutine_count, goroutines",
			`filter message in ["invocation is about to time out", "goroutines of the invocation that is about to time out"]`,
		}, latest(50)...)},
		{"Panics", "Panics", append([]string{
			"fields @timestamp, function_request_id, error.type, error.message, error.stack",
			`filter message = "invocation panicked"`,
		}, latest(50)...)},
		{"DurationByHour", "Duration by hour", []string{
			filterReports,
			"fields coalesce(record.metrics.durationMs, @duration) as ms, coalesce(record.metrics.initDurationMs, @initDuration) as init",
			"stats count(*) as invocations, count(init) as cold, pct(ms, 50) as p50, pct(ms, 99) as p99, max(ms) as slowest, pct(init, 95) as init_p95 by bin(1h)",
		}},
		{"MemoryAndMoney", "Memory and money", []string{
			filterReports,
			"fields @maxMemoryUsed / 1000 / 1000 as text_used, @memorySize / 1000 / 1000 as text_size",
			"fields coalesce(record.metrics.maxMemoryUsedMB, text_used) as used, coalesce(record.metrics.memorySizeMB, text_size) as size, coalesce(record.metrics.billedDurationMs, @billedDuration) as billed",
			"stats max(used) as most_used_mb, max(size) as size_mb, sum(billed * size / 1024 / 1000) as gb_seconds by bin(1d)",
		}},
		{"EndedByLambda", "Ended by Lambda", append([]string{
			"fields @timestamp, record.requestId, record.status, record.errorType",
			`filter type = "platform.report" and record.status != "success"`,
		}, latest(200)...)},
		{"LinesByLevel", "Lines by level", []string{
			"filter ispresent(level)",
			"stats count(*) as lines, sum(strlen(@message) / 1024 / 1024) as mb by level, bin(1h)",
		}},
		{"NoisiestMessages", "Noisiest messages", []string{
			"filter ispresent(message)",
			"stats count(*) as lines, sum(strlen(@message) / 1024) as kb by level, message",
			"sort kb desc", "limit 50",
		}},
		{"ReplayedAnswers", "Replayed answers", []string{
			"filter ispresent(idempotency_key)",
			"stats count_distinct(function_request_id) as invocations, sum(idempotency_replayed) as replayed by bin(1h)",
		}},
	}
	return append(list, f.seenQueries()...)
}

var failuresByKind = query{"FailuresByKind", "Failures by kind", []string{
	filterFailures,
	"stats count(*) as failures, count_distinct(function_request_id) as invocations, earliest(@timestamp) as first_seen, latest(@timestamp) as last_seen, latest(error.message) as last_error by message, error.type",
	"sort failures desc", "limit 50",
}}

// latest returns the commands that show the newest lines.
func latest(n int) []string { return []string{"sort @timestamp desc", "limit " + itoa(n)} }

// seenQueries returns the queries of fields and metrics that the run shows.
func (f *Fragment) seenQueries() []query {
	o := &f.observation
	var list []query
	if o.has("http_route") {
		list = append(list, query{"RequestsByRoute", "Requests by route", []string{
			`filter message = "HTTP request"`,
			"stats count(*) as requests, pct(duration_ms, 50) as p50, pct(duration_ms, 99) as p99, max(duration_ms) as slowest by http_method, http_route, http_status",
			"sort requests desc", "limit 200",
		}})
	}
	if o.has("message_id") {
		list = append(list, query{"FailedRecords", "Failed records", []string{
			`filter message = "record failed"`,
			"stats count(*) as failures, count_distinct(message_id) as records, max(attempt) as attempts, latest(message_id) as last_record, latest(error.message) as last_error by error.type",
			"sort failures desc", "limit 50",
		}}, query{"OneRecord", "One record", []string{
			"fields @timestamp, level, message, attempt, function_request_id, error.message",
			`filter message_id = "MESSAGE-ID"`,
			"sort @timestamp asc", "limit 1000",
		}})
	}
	if o.has("correlation_id") {
		list = append(list, query{"OneCorrelation", "One correlation id", []string{
			"fields @timestamp, service, level, message, function_request_id",
			`filter correlation_id = "CORRELATION-ID"`,
			"sort @timestamp asc", "limit 1000",
		}})
	}
	if o.has("cold_start") {
		list = append(list, query{"ColdLines", "Cold starts by hour", []string{
			"filter cold_start = 1",
			"stats count_distinct(function_request_id) as cold_starts by bin(1h)",
		}})
	}
	if o.has("tenant_id") {
		list = append(list, query{"Tenants", "Invocations by tenant", []string{
			"filter ispresent(tenant_id)",
			"stats count_distinct(function_request_id) as invocations by tenant_id",
			"sort invocations desc", "limit 200",
		}})
	}
	if f.observed(metricBatchSize) {
		list = append(list, query{"Batches", "Batches", []string{
			"filter ispresent(BatchSize)",
			"stats count(*) as batches, sum(BatchSize) as records, sum(BatchFailures) as failed, sum(BatchDeadLetters) as dead_letters, sum(BatchUnprocessed) as unprocessed by bin(5m)",
		}})
	}
	return append(list, f.metricQueries()...)
}

// observed reports whether the run shows a metric that package metrics adds.
func (f *Fragment) observed(name string) bool {
	return slices.ContainsFunc(f.observation.Metrics, func(m Metric) bool { return m.Name == name && isToolkitMetric(m) })
}

// isToolkitMetric reports whether package metrics added the metric.
func isToolkitMetric(m Metric) bool {
	return slices.ContainsFunc(EMFMetrics, func(t EMFMetric) bool { return t.Name == m.Name && t.Unit == m.Unit })
}

// metricQueries returns a query for each metric of a time. The values of metrics are fields of their
// documents, unless a document has a list of them.
func (f *Fragment) metricQueries() []query {
	var list []query
	ids := make(idSet)
	for _, g := range groupsOf(f.observation.Metrics) {
		field, ok := fieldName(g.name)
		lists := slices.ContainsFunc(g.series, func(m Metric) bool { return m.Lists })
		if !ok || !isTime(g.unit) || lists || len(list) == maxMetricQueries || slices.ContainsFunc(list, func(q query) bool { return q.name == metricQueryName(g.name) }) {
			continue
		}
		list = append(list, query{ids.id("Metric", g.name), metricQueryName(g.name), []string{
			"filter ispresent(" + field + ")",
			"stats count(*) as documents, pct(" + field + ", 50) as p50, pct(" + field + ", 99) as p99, max(" + field + ") as slowest by bin(5m)",
		}})
	}
	return list
}

// metricQueryName leaves room for the name of the function.
func metricQueryName(metric string) string {
	name := []rune("Metric " + strings.NewReplacer("/", " ", "\\", " ").Replace(metric))
	return string(name[:min(len(name), maxQueryName-len("/")-64)])
}

// ownFields returns the own fields of the run for the command fields, each after a comma.
func (f *Fragment) ownFields() string {
	var b strings.Builder
	n, characters := 0, 0
	for _, name := range f.observation.Fields {
		field, ok := fieldName(name)
		if !ok {
			continue
		}
		characters += utf8.RuneCountInString(field) + len(", ")
		if n == maxOwnFields || characters > maxOwnCharacters {
			break
		}
		n++
		b.WriteString(", " + field)
	}
	return b.String()
}

// keywords are words of the query language. A field with such a name stands in backticks.
var keywords = strings.Fields("as asc by desc in like and or not fields filter stats sort limit parse display dedup unnest pattern diff anomaly join lookup source")

// fieldName returns the name of a field as a query writes it. It returns false if a query cannot name the
// field.
func fieldName(name string) (string, bool) {
	if name == "" || !queryable(name) {
		return "", false
	}
	plain := !slices.Contains(keywords, strings.ToLower(name))
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		plain = plain && (letter || i > 0 && (r == '.' || r >= '0' && r <= '9'))
	}
	if plain {
		return name, true
	}
	return "`" + name + "`", true
}

// isTime reports whether a unit is a unit of time.
func isTime(unit string) bool {
	return slices.Contains([]string{"Seconds", "Milliseconds", "Microseconds"}, cmp.Or(unit, "None"))
}
