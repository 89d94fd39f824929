package xrayexporter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"

	"github.com/aws/aws-lambda-go/lambda"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/xrayexporter"
)

// A function that needs the SDK's processors sends its spans to X-Ray.
func Example() {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(xrayexporter.New(nil)))
	tracer := tracing.New(&tracing.Options{TracerProvider: provider})
	handle := func(context.Context, string) (string, error) { return "ok", nil }

	lambda.Start(lambdakit.Wrap(handle, tracer.Middleware))
}

// A program outside Lambda samples every tenth trace and sends segments to a daemon.
func ExampleNew() {
	exporter := xrayexporter.New(&xrayexporter.Options{Segments: true})
	sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(0.1))),
	)
}

// The daemon gets a header line and a segment document in each datagram.
func ExampleExporter_ExportSpans() {
	daemon, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer daemon.Close()
	exporter := xrayexporter.New(&xrayexporter.Options{DaemonAddress: daemon.LocalAddr().String()})
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))

	_, span := provider.Tracer("shop").Start(context.Background(), "nightly report")
	span.End() // exports the span

	datagram := make([]byte, 1<<16)
	n, _, err := daemon.ReadFrom(datagram)
	if err != nil {
		fmt.Println(err)
		return
	}
	header, document, _ := bytes.Cut(datagram[:n], []byte("\n"))
	var segment struct{ Name string }
	json.Unmarshal(document, &segment)
	fmt.Println(string(header))
	fmt.Println(segment.Name)
	// Output:
	// {"format":"json","version":1}
	// nightly report
}
