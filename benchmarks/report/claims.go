package main

const (
	us = 1e3 // in nanoseconds
	ms = 1e6
	mb = 1e6 // in bytes
)

// claims are the claims of the toolkit, in the order of the report.
var claims = []claim{
	{what: "whole invocation, API Gateway event", short: true,
		ours: "invocation/Gateway/lambdakit", peers: []string{"invocation/Gateway/libraries"}, floor: "invocation/Gateway/floor",
		goal: times(1, "invocation/Gateway/bare")},
	{what: "the same, 8 at once",
		ours: "invocation/GatewayParallel/lambdakit", peers: []string{"invocation/GatewayParallel/libraries"}, floor: "invocation/GatewayParallel/floor",
		goal: times(1, "invocation/GatewayParallel/bare")},
	{what: "whole invocation, small event", short: true,
		ours: "invocation/Small/lambdakit", peers: []string{"invocation/Small/libraries"}, floor: "invocation/Small/floor",
		goal: over("invocation/Small/bare", 1.5*us)},
	{what: "the same, 8 at once",
		ours: "invocation/SmallParallel/lambdakit", peers: []string{"invocation/SmallParallel/libraries"}, floor: "invocation/SmallParallel/floor",
		goal: over("invocation/SmallParallel/bare", 1.5*us)},

	{what: "HTTP API event through httpapi, ServeMux, line, metrics and trace", short: true,
		ours: "httpapi/HTTPAPI/lambdakit-all", peers: []string{"httpapi/HTTPAPI/api-proxy"},
		goal: times(0.5, "httpapi/HTTPAPI/bare")},
	{what: "HTTP API event through the adapter alone",
		ours: "httpapi/HTTPAPI/lambdakit", peers: []string{"httpapi/HTTPAPI/api-proxy"},
		goal: times(0.3, "httpapi/HTTPAPI/bare"), allocs: allocs(40)},
	{what: "REST event through httpapi, ServeMux, line, metrics and trace",
		ours: "httpapi/REST/lambdakit-all", peers: []string{"httpapi/REST/api-proxy"},
		goal: times(0.5, "httpapi/REST/bare")},
	{what: "REST event through the adapter alone",
		ours: "httpapi/REST/lambdakit", peers: []string{"httpapi/REST/api-proxy"},
		goal: times(0.3, "httpapi/REST/bare"), allocs: allocs(40)},
	{what: "typed operation: path, query, header and JSON bound, JSON encoded", short: true,
		ours: "httpapi/Operation/lambdakit", peers: []string{"httpapi/Operation/huma"},
		goal: times(1.2, "httpapi/Operation/by-hand"), allocs: allocs(40)},

	{what: "batch of 10 SQS messages with JSON bodies", short: true,
		ours: "batch/SQS/lambdakit", peers: []string{"batch/SQS/bare"},
		goal: times(0.5, "batch/SQS/bare")},
	{what: "the same with a line and two metrics each, and a trace",
		ours: "batch/SQS/lambdakit-all", peers: []string{"batch/SQS/bare"},
		goal: times(1, "batch/SQS/bare")},

	{what: "log line of 16 fields", short: true,
		ours: "logging/Line16/lambdakit", peers: []string{"logging/Line16/zerolog", "logging/Line16/phuslu", "logging/Line16/slog"}, floor: "logging/Line16/floor",
		goal: times(1.15, "logging/Line16/zerolog"), allocs: allocs(0)},
	{what: "the same, parallel",
		ours: "logging/Line16Parallel/lambdakit", peers: []string{"logging/Line16Parallel/zerolog", "logging/Line16Parallel/phuslu", "logging/Line16Parallel/slog"}, floor: "logging/Line16Parallel/floor",
		goal: times(1.15, "logging/Line16Parallel/zerolog"), allocs: allocs(0)},
	{what: "log line below the level",
		ours: "logging/BelowLevel/lambdakit", peers: []string{"logging/BelowLevel/slog"}, floor: "logging/BelowLevel/floor",
		goal: times(1, "logging/BelowLevel/slog"), allocs: allocs(0)},

	{what: "document of metrics, recorded and written, warm", short: true,
		ours: "own/metrics/Document", peers: []string{"metrics/Document/prozz", "metrics/Document/json"}, floor: "metrics/Document/floor",
		goal: atMost(500), allocs: allocs(0)},
	{what: "one metric recorded, dimensions bound", short: true,
		ours: "metrics/Record/lambdakit-counter", peers: []string{"metrics/Record/mutex-map"}, floor: "metrics/Record/floor",
		goal: atMost(60), allocs: allocs(0)},

	{what: "handler span, sampled, sent to X-Ray", short: true,
		ours: "tracing/Invocation/lambdakit-sampled", peers: []string{"tracing/Invocation/otellambda-xrayexporter-sampled", "tracing/Invocation/xray-sampled"}, floor: "tracing/Invocation/frame+write",
		// 3.5 us if a UDP write takes 2.0 us of them.
		goal: over("tracing/Invocation/bare", 1.5*us).without("tracing/Invocation/frame+write", "tracing/Invocation/frame")},
	{what: "handler span, not sampled", short: true,
		ours: "tracing/Invocation/lambdakit-unsampled", peers: []string{"tracing/Invocation/otellambda-unsampled", "tracing/Invocation/xray-unsampled"}, floor: "tracing/Invocation/frame",
		goal: over("tracing/Invocation/bare", 0.4*us), allocs: allocsOver("tracing/Invocation/bare", 3)},
	{what: "tracing.Run, not sampled",
		ours: "tracing/Span/lambdakit-unsampled", peers: []string{"tracing/Span/otellambda-unsampled", "tracing/Span/xray-unsampled"}, floor: "tracing/Span/frame",
		goal: atMost(60)},

	{what: "cached parameter, text", short: true,
		ours: "params/Text/lambdakit", peers: []string{"params/Text/clock+sync.Map", "params/Text/otter", "params/Text/golang-lru"}, floor: "params/Text/floor/clock",
		goal: atMost(70), allocs: allocs(0)},
	{what: "cached parameter, decoded JSON",
		ours: "params/Decoded/lambdakit", peers: []string{"params/Decoded/clock+sync.Map", "params/Decoded/otter", "params/Decoded/golang-lru"}, floor: "params/Decoded/floor/clock",
		goal: atMost(70), allocs: allocs(0)},

	{what: "idempotency key of an event of 1 KB", short: true,
		ours: "idempotency/KeyWholeEvent/lambdakit", peers: []string{"idempotency/KeyWholeEvent/decode-encode"}, floor: "idempotency/KeyWholeEvent/floor",
		goal: atMost(9 * us), allocs: allocs(2)}, // one is the benchmark's conversion to any
	{what: "idempotency key of a path in it", short: true,
		ours: "idempotency/KeyPath/lambdakit", peers: []string{"idempotency/KeyPath/go-jmespath"}, floor: "idempotency/KeyPath/floor",
		goal: atMost(2 * us), allocs: allocs(2)},
	{what: "replay of a result from memory", short: true,
		ours: "idempotency/Replay/lambdakit", floor: "idempotency/Replay/floor",
		goal: over("idempotency/Replay/floor", 3*us)},

	{what: "size of a function with logging and metrics", short: true, unit: sizeInBytes,
		ours: "coldstart/core/bytes", peers: []string{"coldstart/zerolog/bytes"}, floor: "coldstart/slog/bytes",
		goal: over("coldstart/bare/bytes", 0.2*mb)},
	{what: "the same and tracing", short: true, unit: sizeInBytes,
		ours: "coldstart/full/bytes", peers: []string{"coldstart/otlp/bytes", "coldstart/xray/bytes"}, floor: "coldstart/otel-api/bytes",
		goal: over("coldstart/bare/bytes", 0.5*mb)},
	{what: "the same, httpapi and a ServeMux", unit: sizeInBytes,
		ours: "coldstart/httpapi/bytes", floor: "coldstart/full/bytes",
		goal: over("coldstart/full/bytes", 0.18*mb)},
	{what: "the same, httpapi and a typed operation", unit: sizeInBytes,
		ours: "coldstart/httpapi-typed/bytes", floor: "coldstart/full/bytes",
		goal: over("coldstart/full/bytes", 0.25*mb)},
	{what: "start of a function with all three", short: true,
		ours: "coldstart/full/init", peers: []string{"coldstart/otlp/init", "coldstart/xray/init"},
		goal: over("coldstart/bare/init", 0.3*ms)},
}

// further lists benchmark functions that no claim needs. Unless the report is short, they are
// measured too, and their medians are printed.
var further = []string{
	"invocation/SmallFile", "invocation/GatewayFile", "invocation/SmallPipe", "invocation/SmallParallelPipe",
	"logging/Line16File", "logging/Line16ParallelFile", "logging/BelowLevelParallel", "logging/WithThenLine", "own/logging/Handle",
	"metrics/DocumentParallel", "metrics/DocumentFile", "metrics/RecordParallel",
	"tracing/InvocationParallel", "tracing/SpanParallel", "tracing/SpanAttributes", "tracing/TenSpans",
	"params/TextParallel", "params/DecodedParallel",
	"batch/Kinesis10000",
	"idempotency/KeyParallel", "idempotency/ReplayParallel", "idempotency/Disabled", "idempotency/FirstRun",
}
