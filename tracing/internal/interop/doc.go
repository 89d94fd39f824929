// Package interop tests package tracing together with what its users combine it with: the
// OpenTelemetry SDK and its OTLP exporter, instrumented HTTP clients, clients of AWS. It
// is a module of its own to keep those out of the requirements of tracing.
package interop
