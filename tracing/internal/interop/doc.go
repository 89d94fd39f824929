// Package interop tests package tracing together with other libraries: the OpenTelemetry SDK
// and its OTLP exporter, instrumented HTTP clients and AWS clients. It is a separate module, so
// that module tracing does not require these libraries.
package interop
