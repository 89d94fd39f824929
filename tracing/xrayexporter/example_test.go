package xrayexporter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/xrayexporter"
)

// A function that needs the SDK's processors sends its spans to X-Ray.
func Example() {
	daemon := xraytest.Listen(new(testing.T)) // in Lambda: xrayexporter.New(nil) finds the daemon
	exporter := xrayexporter.New(&xrayexporter.Options{DaemonAddress: daemon.Addr()})
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	tracer := tracing.New(&tracing.Options{TracerProvider: provider, Parent: tracing.ParentLambda, Name: "orders"})
	handle := func(ctx context.Context, order string) error {
		return tracing.Run(ctx, "charge card", func(context.Context) error { return nil })
	}

	lambdatest.Run(new(testing.T), lambdakit.WrapFunc(handle, tracer.Middleware), `"o-1"`)

	for _, segment := range daemon.Take(2) {
		fmt.Println(segment.At("name"))
	}
	// Output:
	// charge card
	// orders
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
