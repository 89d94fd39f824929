package invocation

import (
	"context"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
)

// One invocation after another, as in Lambda by default.
func BenchmarkSmall(b *testing.B)   { benchmark(b, all, small, smallEvent, discard, serial) }
func BenchmarkGateway(b *testing.B) { benchmark(b, all, gateway, gatewayEvent, discard, serial) }

// Eight invocations at the same time, as on Lambda Managed Instances.
func BenchmarkSmallParallel(b *testing.B) { benchmark(b, all, small, smallEvent, discard, parallel) }
func BenchmarkGatewayParallel(b *testing.B) {
	benchmark(b, all, gateway, gatewayEvent, discard, parallel)
}

// A system call for each line and document.
func BenchmarkSmallFile(b *testing.B) {
	benchmark(b, instrumented, small, smallEvent, devNull, serial)
}
func BenchmarkGatewayFile(b *testing.B) {
	benchmark(b, instrumented, gateway, gatewayEvent, devNull, serial)
}
func BenchmarkSmallParallelFile(b *testing.B) {
	benchmark(b, instrumented, small, smallEvent, devNull, parallel)
}

// A system call for each line and document, and a reader that competes for the processors.
func BenchmarkSmallPipe(b *testing.B) {
	benchmark(b, instrumented, small, smallEvent, pipe, serial)
}
func BenchmarkGatewayPipe(b *testing.B) {
	benchmark(b, instrumented, gateway, gatewayEvent, pipe, serial)
}
func BenchmarkSmallParallelPipe(b *testing.B) {
	benchmark(b, instrumented, small, smallEvent, pipe, parallel)
}

func benchmark[In, Out any](b *testing.B, vs func() []variant[In, Out], f function[In, Out],
	event []byte, sink func(*testing.B) io.Writer, run func(*testing.B, lambda.Handler, context.Context, []byte)) {
	for _, v := range vs() {
		b.Run(v.name, func(b *testing.B) {
			h, ctx := v.wrap(b, sink(b), f), newContext(b)
			b.ReportAllocs()
			run(b, h, ctx, event)
		})
	}
}

func serial(b *testing.B, h lambda.Handler, ctx context.Context, event []byte) {
	for b.Loop() {
		if _, err := h.Invoke(ctx, event); err != nil {
			b.Fatal(err)
		}
	}
}

const goroutines = 8

func parallel(b *testing.B, h lambda.Handler, ctx context.Context, event []byte) {
	procs := runtime.GOMAXPROCS(0)
	b.SetParallelism((goroutines + procs - 1) / procs)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.Invoke(ctx, event); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func discard(*testing.B) io.Writer { return io.Discard }

func devNull(b *testing.B) io.Writer {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return f
}

// pipe returns the write end of a pipe. A goroutine reads the pipe without allocating.
func pipe(b *testing.B) io.Writer {
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for buf := make([]byte, 64<<10); ; {
			if _, err := r.Read(buf); err != nil {
				return // closed
			}
		}
	}()
	b.Cleanup(func() {
		w.Close()
		<-read
		r.Close()
	})
	return w
}
