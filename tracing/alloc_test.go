package tracing_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/traceheader"
	"github.com/lambdakit/lambdakit/tracing"
)

const unsampled = "Root=" + traceID + ";Parent=" + parent + ";Sampled=0"

// inLambda sets the environment of a Lambda function for Providers that are created later. The
// address of the daemon has no listener.
func inLambda(t testing.TB) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	t.Setenv("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:9")
}

func lambdaContext(header string) context.Context {
	return traceheader.NewContext(context.Background(), header)
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

// TestAllocs compares a traced handler with a handler without middleware.
func TestAllocs(t *testing.T) {
	inLambda(t)
	handler := func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil }
	payload := []byte(`{}`)
	count := func(header string, mw ...lambdakit.Middleware) float64 {
		h, ctx := lambdakit.Wrap(handler, mw...), lambdaContext(header)
		return fewest(func() { h.Invoke(ctx, payload) })
	}
	tracer := tracing.New(&tracing.Options{OnError: func(error) {}})
	for name, c := range map[string]struct {
		header string
		mw     lambdakit.Middleware
		most   float64
	}{
		"unsampled": {unsampled, tracer.Middleware, 2},
		"sampled":   {sampled, tracer.Middleware, 4},
	} {
		if got := count(c.header, c.mw) - count(c.header); got > c.most {
			t.Errorf("%s: got %v allocations, want at most %v", name, got, c.most)
		}
	}
	disabled := true
	if got := count(sampled, tracing.New(&tracing.Options{Disabled: &disabled}).Middleware) - count(sampled); got != 0 {
		t.Errorf("switched off: got %v allocations, want 0", got)
	}
}

func TestUnsampledCallsAllocateNothing(t *testing.T) {
	inLambda(t)
	nop := func(context.Context) error { return nil }
	value := func(context.Context) (int, error) { return 1, nil }
	h := lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
		for name, f := range map[string]func(){
			"Run":      func() { tracing.Run(ctx, "x", nop) },
			"Call":     func() { tracing.Call(ctx, "x", value) },
			"Start":    func() { _, sp := tracing.Start(ctx, "x"); sp.End() },
			"Annotate": func() { tracing.Annotate(ctx, "k", "v") },
			"Provider": func() {
				_, sp := trace.SpanFromContext(ctx).TracerProvider().Tracer("lib").Start(ctx, "x")
				sp.End()
			},
		} {
			if n := testing.AllocsPerRun(100, f); n != 0 {
				t.Errorf("%s: got %v allocations, want 0", name, n)
			}
		}
		return struct{}{}, nil
	}, tracing.New(nil).Middleware)
	h.Invoke(lambdaContext(unsampled), []byte(`{}`))
}

func BenchmarkRun(b *testing.B) {
	inLambda(b)
	nop := func(context.Context) error { return nil }
	for name, header := range map[string]string{"unsampled": unsampled, "sampled": sampled} {
		b.Run(name, func(b *testing.B) {
			lambdakit.Wrap(func(ctx context.Context, _ struct{}) (struct{}, error) {
				b.ReportAllocs()
				for b.Loop() {
					tracing.Run(ctx, "x", nop)
				}
				return struct{}{}, nil
			}, tracing.New(&tracing.Options{OnError: func(error) {}}).Middleware).Invoke(lambdaContext(header), []byte(`{}`))
		})
	}
}

func BenchmarkInvocation(b *testing.B) {
	inLambda(b)
	handler := func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil }
	for name, c := range map[string]struct {
		header string
		mw     []lambdakit.Middleware
	}{
		"bare":      {unsampled, nil},
		"unsampled": {unsampled, []lambdakit.Middleware{tracing.New(nil).Middleware}},
		"sampled":   {sampled, []lambdakit.Middleware{tracing.New(&tracing.Options{OnError: func(error) {}}).Middleware}},
	} {
		b.Run(name, func(b *testing.B) {
			h, ctx, payload := lambdakit.Wrap(handler, c.mw...), lambdaContext(c.header), []byte(`{}`)
			b.ReportAllocs()
			for b.Loop() {
				h.Invoke(ctx, payload)
			}
		})
	}
}
