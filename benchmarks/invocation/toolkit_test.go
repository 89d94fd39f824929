package invocation

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

// function makes a function that calls observe.
type function[In, Out any] = func(observe) func(context.Context, In) (Out, error)

// wrapper makes a handler of a function. The handler writes to w.
type wrapper[In, Out any] = func(tb testing.TB, w io.Writer, f function[In, Out]) lambda.Handler

// variant is one of the compared ways to run a function.
type variant[In, Out any] struct {
	name string

	// says reports whether it writes one line and one document.
	says bool

	wrap wrapper[In, Out]
}

// withoutInstruments returns the variants without instruments, or with one.
func withoutInstruments[In, Out any]() []variant[In, Out] {
	return []variant[In, Out]{
		{name: "bare", wrap: func(_ testing.TB, _ io.Writer, f function[In, Out]) lambda.Handler {
			return lambda.NewHandler(f(nil))
		}},
		{name: "frame", wrap: func(_ testing.TB, _ io.Writer, f function[In, Out]) lambda.Handler {
			return lambdakit.Wrap(f(nil))
		}},
		{name: "bare+slog", wrap: func(_ testing.TB, w io.Writer, f function[In, Out]) lambda.Handler {
			return lambda.NewHandler(f(lineOf(slog.New(slog.NewJSONHandler(w, nil)))))
		}},
		{name: "logging", wrap: func(_ testing.TB, w io.Writer, f function[In, Out]) lambda.Handler {
			logs := logging.New(&logging.Options{Service: service, Writer: w})
			return lambdakit.Wrap(f(lineOf(slog.New(logs))), logs.Middleware)
		}},
	}
}

// instrumented returns the variants with logs, metrics and traces.
func instrumented[In, Out any]() []variant[In, Out] {
	return []variant[In, Out]{
		{name: "lambdakit", says: true, wrap: lambdakitAll[In, Out](false)},
		{name: "lambdakit-off", wrap: lambdakitAll[In, Out](true)},
		{name: "libraries", says: true, wrap: libraries[In, Out]},
		{name: "floor", says: true, wrap: floor[In, Out]},
	}
}

func all[In, Out any]() []variant[In, Out] {
	return append(withoutInstruments[In, Out](), instrumented[In, Out]()...)
}

func lineOf(l *slog.Logger) observe {
	return func(ctx context.Context, f fact) {
		l.LogAttrs(ctx, slog.LevelInfo, message, slog.String(f.textName, f.text), slog.Float64(f.sizeName, f.size))
	}
}

func lambdakitAll[In, Out any](off bool) wrapper[In, Out] {
	return func(tb testing.TB, w io.Writer, f function[In, Out]) lambda.Handler {
		failed := func(err error) { tb.Error(err) }
		level := slog.LevelInfo
		if off {
			level = slog.LevelWarn
		}
		logs := logging.New(&logging.Options{Service: service, Writer: w, Level: level, OnError: failed})
		meter := metrics.New(&metrics.Options{Namespace: namespace, Service: service, Writer: w, Disabled: &off, OnError: failed})
		tracer := tracing.New(&tracing.Options{Service: service, Disabled: &off, OnError: failed})
		accepted, size := meter.Counter("Accepted"), meter.Distribution("Size", metrics.None)
		line := lineOf(slog.New(logs))
		return lambdakit.Wrap(f(func(ctx context.Context, f fact) {
			line(ctx, f)
			accepted.Add(ctx, 1)
			size.Record(ctx, f.size)
		}), tracer.Middleware, logs.Middleware, meter.Middleware)
	}
}
