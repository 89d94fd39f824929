package otlp_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/internal/otlptest"
	"github.com/lambdakit/lambdakit/tracing/otlp"
)

// discard is a client whose backend takes everything.
type discard struct{}

func (discard) RoundTrip(r *http.Request) (*http.Response, error) {
	io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func discarding(s tracing.Sampler) *tracing.Provider {
	o := &otlp.Options{Endpoint: "http://127.0.0.1:1", Client: &http.Client{Transport: discard{}}}
	return tracing.New(&tracing.Options{Exporter: otlp.New(o), Sampler: s, OnError: func(error) {}})
}

// step is a span with three attributes.
func step(ctx context.Context) {
	_, sp := tracing.Start(ctx, "step")
	sp.SetAttributes(attribute.String("a", "1"), attribute.Int("b", 2), attribute.Bool("c", true))
	sp.End()
}

// fewest returns the lowest number of allocations of several calls of f, since the race detector
// sometimes empties pools.
func fewest(f func()) float64 {
	n := testing.AllocsPerRun(1, f)
	for range 200 {
		n = min(n, testing.AllocsPerRun(1, f))
	}
	return n
}

func TestAllocs_OfASpan(t *testing.T) {
	invoke(t.Context(), discarding(tracing.AlwaysSample()), header+"1", `{}`, func(ctx context.Context) {
		for range 1000 { // the buffer has its size
			step(ctx)
		}
		if got := fewest(func() { step(ctx) }); got > 6 {
			t.Errorf("got %v allocations, want at most 6", got)
		}
	})
}

func TestAllocs_SpanThatIsNotRecorded(t *testing.T) {
	invoke(t.Context(), discarding(tracing.NeverSample()), header+"1", `{}`, func(ctx context.Context) {
		if got := fewest(func() {
			tracing.Run(ctx, "step", func(context.Context) error { return nil })
			tracing.Annotate(ctx, "k", "v")
			_, sp := trace.SpanFromContext(ctx).TracerProvider().Tracer("github.com/lambdakit/lambdakit/tracing").Start(ctx, "x")
			sp.End()
		}); got != 0 {
			t.Errorf("got %v allocations, want 0", got)
		}
	})
}

func TestGoroutines_NoneIsLeft(t *testing.T) {
	b := otlptest.Listen(t)
	p := provider(b, nil, new(reports))
	for range 20 {
		invoke(t.Context(), p, header+"1", `{}`, func(ctx context.Context) { step(ctx) })
	}
	var stacks bytes.Buffer
	for range 200 { // a goroutine may be about to end
		stacks.Reset()
		pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		if !strings.Contains(stacks.String(), "tracing/otlp.(*") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("got goroutines of the exporter, want none:\n%s", &stacks)
}

func BenchmarkSpan(b *testing.B) {
	invoke(context.Background(), discarding(tracing.AlwaysSample()), header+"1", `{}`, func(ctx context.Context) {
		b.ReportAllocs()
		for b.Loop() {
			step(ctx)
		}
	})
}

func BenchmarkInvocation(b *testing.B) {
	p := discarding(tracing.AlwaysSample())
	b.ReportAllocs()
	for b.Loop() {
		invoke(context.Background(), p, header+"1", `{}`, nil)
	}
}
