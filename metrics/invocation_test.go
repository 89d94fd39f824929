package metrics_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/emftest"
	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/metrics"
)

func TestOnError_MayRecord(t *testing.T) {
	t.Parallel()
	var m *metrics.Meter
	var running context.Context
	o := metrics.Options{OnError: func(error) { m.Counter("Problems").Add(running, 1) }}
	docs, _ := run(t, o, func(ctx context.Context, made *metrics.Meter) error {
		m, running = made, ctx
		metrics.AddDimensions(ctx, "odd")
		for i := range 1100 {
			metrics.AddMetadata(ctx, fmt.Sprint("m", i), i)
		}
		metrics.AddMetadata(ctx, "panics", panicky{})
		return nil
	})
	if len(docs) == 0 {
		t.Error("got no documents, want some")
	}
}

func TestInvocation_LateValuesHaveItsDimensionsAndMetadata(t *testing.T) {
	t.Parallel()
	m := metrics.New(&metrics.Options{Namespace: "Shop"})
	release, done := make(chan struct{}), make(chan struct{})
	var b bytes.Buffer
	ctx := execenv.NewContext(t.Context(), &execenv.Environment{Stdout: &b})
	lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddDimensions(ctx, "tenant", "acme")
		metrics.AddMetadata(ctx, "order", 1)
		go func() {
			defer close(done)
			<-release
			m.Counter("Late").Add(ctx, 1)
			m.Single(ctx, "Single", metrics.Count, 1)
		}()
	}, m.Middleware).Invoke(ctx, nil)
	close(release)
	<-done
	docs := emftest.Decode(t, b.Bytes())
	if len(docs) != 2 || docs[0].Key() != "tenant=acme" || docs[0].Members["order"] != 1.0 || docs[1].Key() != "" {
		t.Errorf("got %s, want the dimension and the metadata on the first document only", &b)
	}
}

func TestCounter_IsOneValue(t *testing.T) {
	t.Parallel()
	docs, _ := run(t, metrics.Options{}, func(ctx context.Context, m *metrics.Meter) error {
		c, d := m.Counter("C"), m.Distribution("D", metrics.None)
		for i := range 250 {
			c.Add(ctx, 1)
			d.Record(ctx, float64(i))
		}
		return nil
	})
	counts, values := []float64{}, 0
	for _, d := range docs {
		counts = append(counts, d.Values["C"]...)
		values += len(d.Values["D"])
	}
	if len(counts) != 1 || counts[0] != 250 || values != 250 {
		t.Errorf("got a counter of %v and %d values, want [250] and 250", counts, values)
	}
}

func TestMiddleware_CalledTwice(t *testing.T) {
	t.Parallel()
	m := metrics.New(&metrics.Options{Namespace: "Shop", ColdStart: true})
	twice := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			next(ctx, inv)
			return next(ctx, inv)
		}
	}
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) { m.Counter("N").Add(ctx, 1) }, twice, m.Middleware), `{}`)
	if docs := emftest.Decode(t, res.Output); len(docs) != 2 || docs[1].Values["N"][0] != 2 {
		t.Errorf("got %s, want the cold start and one N of 2", res.Output)
	}
}

func TestMiddleware_AnInvocationInsideAnotherHasItsOwnMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New(&metrics.Options{Namespace: "Shop"})
	c := m.Counter("N")
	inner := lambdakit.WrapFunc(func(ctx context.Context) {
		metrics.AddDimensions(ctx, "inner", "yes")
		c.Add(ctx, 1)
	}, m.Middleware)
	res := lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
		c.Add(ctx, 2)
		inner.Invoke(ctx, nil)
		c.Add(ctx, 4)
	}, m.Middleware), `{}`)
	docs := emftest.Decode(t, res.Output)
	if len(docs) != 2 || docs[0].Key() != "inner=yes" || docs[0].Values["N"][0] != 1 || docs[1].Key() != "" || docs[1].Values["N"][0] != 6 {
		t.Errorf("got %s, want a document of the inner invocation and then one of the outer", res.Output)
	}
}

func TestMiddleware_WritesAfterAnyOutcome(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(ctx context.Context) error{
		"success": func(context.Context) error { return nil },
		"error":   func(context.Context) error { return fmt.Errorf("x") },
		"panic":   func(context.Context) error { panic("x") },
	} {
		docs, _ := run(t, metrics.Options{ColdStart: true}, func(ctx context.Context, m *metrics.Meter) error {
			m.Counter("N").Add(ctx, 1)
			return fn(ctx)
		})
		if len(docs) != 2 || docs[0].Values["ColdStart"] == nil || docs[0].Key() != "function_name=function" || docs[1].Values["N"] == nil {
			t.Errorf("%s: got %d documents, want the cold start and N", name, len(docs))
		}
	}
}

func TestColdStart_FunctionName(t *testing.T) {
	for name, c := range map[string]struct{ env, option, context, want string }{
		"none":        {"", "", "", ""},
		"context":     {"", "", "ctx", "function_name=ctx"},
		"environment": {"env", "", "ctx", "function_name=env"},
		"option":      {"env", "opt", "ctx", "function_name=opt"},
	} {
		t.Setenv("POWERTOOLS_METRICS_FUNCTION_NAME", c.env)
		var reported []error
		m := metrics.New(&metrics.Options{Namespace: "Shop", ColdStart: true, FunctionName: c.option, OnError: func(err error) { reported = append(reported, err) }})
		var b bytes.Buffer
		ctx := execenv.NewContext(t.Context(), &execenv.Environment{Stdout: &b, FunctionName: c.context, OnDemand: true})
		lambdakit.WrapFunc(func(context.Context) {}, m.Middleware).Invoke(ctx, nil)
		docs := emftest.Decode(t, b.Bytes())
		if len(docs) != 1 || docs[0].Key() != c.want || len(reported) > 0 {
			t.Errorf("%s: got %s and reports %q, want a document with %q and none", name, &b, reported, c.want)
		}
	}
}

func TestMiddleware_WritesNothingTwiceNearTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New(&metrics.Options{Namespace: "Shop"})
		c := m.Counter("N")
		h := lambdatest.New(t, lambdakit.WrapFunc(func(ctx context.Context) {
			c.Add(ctx, 1)
			time.Sleep(950 * time.Millisecond)
			c.Add(ctx, 2)
		}, m.Middleware), &lambdatest.Options{Timeout: time.Second})
		docs := emftest.Decode(t, h.Invoke(`{}`).Output)
		if len(docs) != 2 || docs[0].Values["N"][0] != 1 || docs[1].Values["N"][0] != 2 {
			t.Errorf("got %d documents, want one with 1 and one with 2", len(docs))
		}
	})
}
