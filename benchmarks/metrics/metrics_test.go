package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/benchmarks/internal/environ"
	"github.com/lambdakit/lambdakit/internal/emf"
	"github.com/lambdakit/lambdakit/metrics"
)

func TestMain(m *testing.M) {
	environ.Clear()
	os.Exit(m.Run())
}

// information is the content of a document for CloudWatch, independent of the order of members.
type information struct {
	namespace  string
	dimensions []map[string]string // one map for each set
	metrics    map[string]string   // value and unit
	metadata   map[string]string   // as text, because not every library writes numbers
}

// TestSameInformation keeps the comparison fair: every library writes the same document and
// nothing else. It also checks that the second document contains nothing of the first.
func TestSameInformation(t *testing.T) {
	want := information{
		namespace:  namespace,
		dimensions: []map[string]string{{"service": service, "route": route}},
		metrics: map[string]string{
			"Accepted": fmt.Sprint(accepted, " Count"),
			"Latency":  fmt.Sprint(latency, " Milliseconds"),
			"Size":     fmt.Sprint(size, " Bytes"),
		},
		metadata: map[string]string{"function_request_id": requestID, "attempt": fmt.Sprint(attempt)},
	}
	for _, lib := range libraries {
		t.Run(lib.name, func(t *testing.T) {
			var out bytes.Buffer
			write := lib.document(t, &out)
			write()
			write()
			lines := strings.SplitAfter(out.String(), "\n")
			if len(lines) != 3 || lines[2] != "" {
				t.Fatalf("not two lines: %q", lines)
			}
			for _, line := range lines[:2] {
				if got := decode(t, line); !reflect.DeepEqual(got, want) {
					t.Errorf("\n got %v\nwant %v\nline %s", got, want, line)
				}
			}
		})
	}
	var out bytes.Buffer
	for _, lib := range []library{frame, off} {
		if lib.document(t, &out)(); out.Len() > 0 {
			t.Errorf("%s writes %s", lib.name, &out)
		}
	}
}

func decode(t *testing.T, line string) information {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(line), &members); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	doc := emf.Read([]byte(line))
	if time.Since(doc.Timestamp).Abs() > time.Minute {
		t.Errorf("timestamp %v: not now", doc.Timestamp)
	}
	if len(doc.Directives) != 1 {
		t.Fatalf("not one directive: %s", line)
	}
	d := doc.Directives[0]
	info := information{namespace: d.Namespace, metrics: map[string]string{}, metadata: map[string]string{}}
	used := map[string]bool{emf.Member: true}
	for _, dimensions := range d.Dimensions {
		set := map[string]string{}
		for _, dimension := range dimensions {
			set[dimension.Name], used[dimension.Name] = fmt.Sprint(members[dimension.Name]), true
		}
		info.dimensions = append(info.dimensions, set)
	}
	for _, m := range d.Metrics {
		if _, ok := members[m.Name].(float64); !ok {
			t.Errorf("metric %s is not a number: %v", m.Name, members[m.Name])
		}
		info.metrics[m.Name], used[m.Name] = fmt.Sprint(members[m.Name], " ", m.Unit), true
	}
	for name, v := range members {
		if !used[name] {
			info.metadata[name] = fmt.Sprint(v)
		}
	}
	return info
}

// Everything from recording to the written line.
func BenchmarkDocument(b *testing.B) { document(b, io.Discard) }

// The same, with a system call for each document.
func BenchmarkDocumentFile(b *testing.B) {
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	document(b, f)
}

func document(b *testing.B, w io.Writer) {
	for _, lib := range append(libraries, off, frame) {
		b.Run(lib.name, func(b *testing.B) {
			write := lib.document(b, w)
			b.ReportAllocs()
			for b.Loop() {
				write()
			}
		})
	}
}

const goroutines = 8

// Eight invocations, or documents, at the same time, as on Lambda Managed Instances.
func BenchmarkDocumentParallel(b *testing.B) {
	for _, lib := range append(libraries, off, frame) {
		b.Run(lib.name, func(b *testing.B) {
			shared := lib.document(b, io.Discard)
			procs := runtime.GOMAXPROCS(0)
			b.SetParallelism((goroutines + procs - 1) / procs)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				write := shared
				if lib.own {
					write = lib.document(b, io.Discard)
				}
				for pb.Next() {
					write()
				}
			})
		})
	}
}

// recorder is one of the compared ways to record a value.
type recorder struct {
	name string

	// run calls body with a function that records a value. Any goroutine may call it.
	run func(tb testing.TB, body func(record func()))
}

var recorders = []recorder{
	{"lambdakit-counter", func(tb testing.TB, body func(func())) {
		meter := newMeter(io.Discard)
		c := meter.Counter("Accepted").With("route", route, "channel", "web")
		inside(tb, meter, func(ctx context.Context) { body(func() { c.Add(ctx, 1) }) })
	}},
	{"lambdakit-distribution", func(tb testing.TB, body func(func())) {
		meter := newMeter(io.Discard)
		d := meter.Distribution("Latency", metrics.Milliseconds).With("route", route, "channel", "web")
		inside(tb, meter, func(ctx context.Context) { body(func() { d.Record(ctx, latency) }) })
	}},
	{"lambdakit-off", func(tb testing.TB, body func(func())) {
		meter := newOff(io.Discard)
		c := meter.Counter("Accepted").With("route", route, "channel", "web")
		inside(tb, meter, func(ctx context.Context) { body(func() { c.Add(ctx, 1) }) })
	}},
	{"floor", func(_ testing.TB, body func(func())) {
		var sum atomic.Int64
		body(func() { sum.Add(1) })
	}},
	{"mutex-map", func(_ testing.TB, body func(func())) {
		var mu sync.Mutex
		sums := make(map[string]float64)
		key := "Accepted|service=" + service + "|route=" + route + "|channel=web"
		body(func() {
			mu.Lock()
			sums[key]++
			mu.Unlock()
		})
	}},
}

// inside calls body in one invocation. The invocation has no deadline, which could end a long
// benchmark.
func inside(tb testing.TB, meter *metrics.Meter, body func(context.Context)) {
	if _, err := lambdakit.WrapFunc(body, meter.Middleware).Invoke(newContext(tb, 0), nil); err != nil {
		tb.Fatal(err)
	}
}

// Values from one goroutine.
func BenchmarkRecord(b *testing.B) {
	record(b, func(b *testing.B, record func()) {
		for b.Loop() {
			record()
		}
	})
}

// Values from as many goroutines as there are processors. All wait for the one lock of the
// invocation.
func BenchmarkRecordParallel(b *testing.B) {
	record(b, func(b *testing.B, record func()) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				record()
			}
		})
	})
}

func record(b *testing.B, bench func(*testing.B, func())) {
	for _, r := range recorders {
		b.Run(r.name, func(b *testing.B) {
			b.ReportAllocs()
			r.run(b, func(record func()) {
				b.ResetTimer() // the cost of the invocation is not the value's
				bench(b, record)
			})
		})
	}
}
