// Package otlpspan reads the spans of a request that a function sends over OTLP, in protobuf. It shows
// them as segment documents, so that they stand in the same waterfall as those of the X-Ray daemon.
// Package tracing/internal/otlp writes such requests. (OpenTelemetry, OTLP specification)
package otlpspan
