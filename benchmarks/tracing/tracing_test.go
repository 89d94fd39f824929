package tracing_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"github.com/aws/aws-xray-sdk-go/v2/xraylog"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/lambdakit/lambdakit/benchmarks/internal/environ"
	"github.com/lambdakit/lambdakit/internal/segment"
	"github.com/lambdakit/lambdakit/internal/xraytest"
)

func TestMain(m *testing.M) {
	environ.Clear()
	// Package tracing makes spans only in Lambda. otellambda takes the span's name from this
	// variable.
	os.Setenv("AWS_LAMBDA_FUNCTION_NAME", functionName)
	// By default the SDK writes the address of its daemon to standard output.
	xray.SetLogger(xraylog.NewDefaultLogger(os.Stderr, xraylog.LogLevelError))
	os.Exit(m.Run())
}

// listen returns a socket that stands in for the daemon's.
func listen(tb testing.TB) *net.UDPConn {
	tb.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return conn
}

// startDaemon returns the address of a socket. A goroutine reads it, without allocating, until
// tb ends.
func startDaemon(tb testing.TB) string {
	conn := listen(tb)
	go func() {
		for buf := make([]byte, 64<<10); ; {
			if _, err := conn.Read(buf); err != nil {
				return // closed
			}
		}
	}()
	return conn.LocalAddr().String()
}

// information is the content of a span for X-Ray, independent of the library.
type information struct {
	name, trace, parent string
	id                  string         // the span's id
	values              map[string]any // the values of the five attributes
}

// sent collects spans, from documents and as an exporter.
type sent struct {
	mu   sync.Mutex
	list []information
}

func (s *sent) add(i information) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, i)
}

func (s *sent) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, sp := range spans {
		sc := sp.SpanContext()
		i := information{name: sp.Name(), trace: sc.TraceID().String(), parent: sp.Parent().SpanID().String(), id: sc.SpanID().String()}
		for _, a := range sp.Attributes() {
			i.value(string(a.Key), a.Value.AsInterface())
		}
		s.add(i)
	}
	return nil
}

func (s *sent) Shutdown(context.Context) error { return nil }

// value keeps v if key is one of the five attributes.
func (i *information) value(key string, v any) {
	switch key {
	case "customer", "attempt", "total", "express", "shop":
		if n, ok := v.(int64); ok {
			v = float64(n) // as in JSON
		}
		if i.values == nil {
			i.values = make(map[string]any)
		}
		i.values[key] = v
	}
}

// addDocument adds d and the documents inside it.
func (s *sent) addDocument(t *testing.T, d segment.Document) {
	t.Helper()
	for _, d := range d.All() {
		if d.Type != "subsegment" || d.StartTime > d.EndTime || time.Since(segment.Time(d.StartTime)).Abs() > time.Minute {
			t.Errorf("not a subsegment of now that has ended: %+v", d)
		}
		i := information{name: d.Name, trace: strings.ReplaceAll(strings.TrimPrefix(d.TraceID, "1-"), "-", ""), parent: d.ParentID, id: d.ID}
		metadata, err := d.Metadata()
		if err != nil {
			t.Errorf("%v: %s", err, d.RawMetadata)
		}
		for _, values := range metadata {
			for key, v := range values {
				i.value(key, v)
			}
		}
		s.add(i)
	}
}

// TestSameSpans keeps the comparison fair. Each library that sends spans sends the handler span
// and, if it can, a span with attributes below it, and nothing else. The others send nothing.
// All give the same response.
func TestSameSpans(t *testing.T) {
	for _, lib := range invocations {
		t.Run(lib.name, func(t *testing.T) {
			var got sent
			daemon := listen(t)
			tr := lib.use(t, destination{daemon.LocalAddr().String(), &got})
			h := tr.handler(accept(tr.attributes))
			invoke(t, h, newContext(t, lib.sampled))
			// Datagrams on the loopback interface keep their order, so this datagram is the last.
			const end = "end"
			if _, err := daemon.WriteTo([]byte(end), daemon.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			for buf := make([]byte, 64<<10); ; {
				n, err := daemon.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				if string(buf[:n]) == end {
					break
				}
				head, body, _ := bytes.Cut(buf[:n], []byte("\n"))
				if h := strings.ReplaceAll(string(head), " ", ""); h != `{"format":"json","version":1}` {
					t.Errorf("header of the datagram: %s", head)
				}
				if !strings.HasPrefix(lib.name, "xray") { // lambdakit does not make these documents
					xraytest.Validate(t, bytes.Clone(body))
				}
				d, err := segment.Read(body)
				if err != nil {
					t.Fatalf("%v: %s", err, body)
				}
				got.addDocument(t, d)
			}
			if !lib.sends() {
				if len(got.list) > 0 {
					t.Errorf("sent %v", got.list)
				}
				return
			}
			handler := slices.IndexFunc(got.list, func(i information) bool { return i.parent == parentID })
			if handler < 0 {
				t.Fatalf("no span below Lambda's: %+v", got.list)
			}
			id := got.list[handler].id
			want := []information{{name: functionName, trace: traceID, parent: parentID, id: id}}
			if tr.attributes != nil {
				below := got.list[len(got.list)-1-handler] // the other span
				want = append(want, information{name: spanName, trace: traceID, parent: id, id: below.id, values: map[string]any{
					"customer": customer, "attempt": float64(attempt), "total": total, "express": express, "shop": shop,
				}})
			}
			if handler > 0 {
				slices.Reverse(want)
			}
			if !reflect.DeepEqual(got.list, want) {
				t.Errorf("spans\n got %+v\nwant %+v", got.list, want)
			}
		})
	}
}

func invoke(tb testing.TB, h lambda.Handler, ctx context.Context) {
	got, err := h.Invoke(ctx, event)
	if err != nil {
		tb.Fatal(err)
	}
	if string(got) != response {
		tb.Errorf("response %s, want %s", got, response)
	}
}

const goroutines = 8

// atOnce makes RunParallel use at least eight goroutines.
func atOnce(b *testing.B) {
	procs := runtime.GOMAXPROCS(0)
	b.SetParallelism((goroutines + procs - 1) / procs)
}

// One invocation after another, as in Lambda by default.
func BenchmarkInvocation(b *testing.B) {
	benchmark(b, invocations, func(b *testing.B, lib library, to destination) {
		serial(b, lib.use(b, to).handler(accept(nil)), newContext(b, lib.sampled))
	})
	b.Run("floor", func(b *testing.B) {
		conn, datagram := dial(b, startDaemon(b)), handlerDatagram(b)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := conn.Write(datagram); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Several invocations at the same time, as on Lambda Managed Instances.
func BenchmarkInvocationParallel(b *testing.B) {
	benchmark(b, invocations, func(b *testing.B, lib library, to destination) {
		h, ctx := lib.use(b, to).handler(accept(nil)), newContext(b, lib.sampled)
		atOnce(b)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := h.Invoke(ctx, event); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	b.Run("floor", func(b *testing.B) {
		conn, datagram := dial(b, startDaemon(b)), handlerDatagram(b)
		atOnce(b)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := conn.Write(datagram); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// spansEach is the number of spans below the handler span of an invocation.
const spansEach = 10

func BenchmarkTenSpans(b *testing.B) {
	benchmark(b, untracedToo, func(b *testing.B, lib library, to destination) {
		tr := lib.use(b, to)
		h := tr.handler(accept(func(ctx context.Context) {
			for range spansEach {
				if err := tr.span(ctx, work); err != nil {
					b.Error(err)
				}
			}
		}))
		serial(b, h, newContext(b, lib.sampled))
	})
}

func serial(b *testing.B, h lambda.Handler, ctx context.Context) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Invoke(ctx, event); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSpan(b *testing.B) {
	benchmark(b, untracedToo, func(b *testing.B, lib library, to destination) {
		tr := lib.use(b, to)
		within(b, lib, tr, b.Loop, func(ctx context.Context) {
			if err := tr.span(ctx, work); err != nil {
				b.Error(err)
			}
		})
	})
}

func BenchmarkSpanParallel(b *testing.B) {
	benchmark(b, untracedToo, func(b *testing.B, lib library, to destination) {
		tr := lib.use(b, to)
		atOnce(b)
		parallelWithin(b, lib, tr, func(ctx context.Context) {
			if err := tr.span(ctx, work); err != nil {
				b.Error(err)
			}
		})
	})
}

func BenchmarkSpanAttributes(b *testing.B) {
	benchmark(b, libraries, func(b *testing.B, lib library, to destination) {
		tr := lib.use(b, to)
		within(b, lib, tr, b.Loop, tr.attributes)
	})
}

// work is the work inside a span. It is a variable, so that the compiler keeps the call.
var work = func(context.Context) error { return nil }

// benchmark runs f for each library. All libraries share one daemon.
func benchmark(b *testing.B, libs []library, f func(*testing.B, library, destination)) {
	to := destination{startDaemon(b), dropping{}}
	for _, lib := range libs {
		b.Run(lib.name, func(b *testing.B) { f(b, lib, to) })
	}
}

// spansAtOnce is the number of spans of an invocation. An invocation that ends many more in a moment
// drops some, because the daemon cannot take them.
const spansAtOnce = 50

// within calls f inside invocations while more returns true. It uses one invocation for every fifty
// calls, or for every ten if the library keeps ended spans until the invocation ends.
func within(b *testing.B, lib library, tr tracer, more func() bool, f func(context.Context)) {
	ctx := newContext(b, lib.sampled)
	b.ReportAllocs()
	loop(b, lib, tr, ctx, more, f)
}

func parallelWithin(b *testing.B, lib library, tr tracer, f func(context.Context)) {
	ctx := newContext(b, lib.sampled)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) { loop(b, lib, tr, ctx, pb.Next, f) })
}

func loop(b *testing.B, lib library, tr tracer, ctx context.Context, more func() bool, f func(context.Context)) {
	done := false
	h := tr.handler(accept(func(ctx context.Context) {
		most := spansAtOnce
		if lib.held {
			most = spansEach
		}
		for range most {
			if !more() {
				done = true
				return
			}
			f(ctx)
		}
	}))
	for !done {
		if _, err := h.Invoke(ctx, event); err != nil {
			b.Error(err)
			return
		}
	}
}

// handlerDatagram returns the datagram that lambdakit sends for an invocation.
func handlerDatagram(tb testing.TB) []byte {
	daemon := listen(tb)
	tr := lambdakitOwn(tb, destination{daemon: daemon.LocalAddr().String()})
	invoke(tb, tr.handler(accept(nil)), newContext(tb, true))
	daemon.SetReadDeadline(time.Now().Add(time.Second))
	buf := make([]byte, 64<<10)
	n, err := daemon.Read(buf)
	if err != nil {
		tb.Fatal(err)
	}
	return buf[:n]
}
