package interop

import (
	"fmt"
	"math/rand/v2"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit/tracing"
)

// TestSampler_EqualsTheSDK compares the samplers for 10,000 trace ids and parents.
func TestSampler_EqualsTheSDK(t *testing.T) {
	t.Parallel()
	type pair struct {
		name   string
		ours   tracing.Sampler
		theirs sdktrace.Sampler
	}
	pairs := []pair{{"on", tracing.AlwaysSample(), sdktrace.AlwaysSample()}, {"off", tracing.NeverSample(), sdktrace.NeverSample()}}
	for _, part := range []float64{-1, 0, 1e-9, 0.01, 0.1, 0.25, 0.5, 0.999, 1, 2} {
		pairs = append(pairs, pair{fmt.Sprint(part), tracing.TraceIDRatioBased(part), sdktrace.TraceIDRatioBased(part)})
	}
	for _, p := range pairs[:len(pairs):len(pairs)] {
		pairs = append(pairs, pair{"parent or " + p.name, tracing.ParentBased(p.ours), sdktrace.ParentBased(p.theirs)})
	}
	g := generator{rand.New(rand.NewPCG(3, 4))}
	for range 10_000 {
		parent := g.spanContext()
		id := parent.TraceID()
		if g.IntN(2) == 0 {
			parent = trace.SpanContext{}
		}
		for _, p := range pairs {
			want := p.theirs.ShouldSample(sdktrace.SamplingParameters{ParentContext: trace.ContextWithSpanContext(t.Context(), parent), TraceID: id}).Decision == sdktrace.RecordAndSample
			if got := p.ours.Sample(parent, id); got != want {
				t.Fatalf("%s: got %v for %s and the parent %+v, want %v", p.name, got, id, parent, want)
			}
		}
	}
}
