//go:build !race

package logging_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

// Not parallel: the counts are of the whole process.
func TestAllocations(t *testing.T) {
	logs := logging.New(&logging.Options{Writer: io.Discard, Service: "orders", Buffer: &logging.Buffer{Level: logging.LevelTrace}})
	l := slog.New(logs)
	bound := l.With("a", 1).WithGroup("g").With("b", "two")
	lambdakit.WrapFunc(func(ctx context.Context) {
		logging.Append(ctx, slog.String("order_id", "o-1"))
		with := logging.With(logging.With(ctx, "item", 7, "correlation_id", "c-1"), "inner", true)
		for name, c := range map[string]struct {
			want float64
			log  func()
		}{
			"a line of five attributes": {0, func() {
				l.LogAttrs(ctx, slog.LevelInfo, "message", slog.String("s", "text"), slog.Int("i", 42), slog.Float64("f", 1.5), slog.Bool("b", true), slog.Duration("d", time.Second))
			}},
			"bound attributes and a group": {0, func() { bound.LogAttrs(ctx, slog.LevelInfo, "message", slog.Int("i", 42)) }},
			"a context of With":            {0, func() { l.LogAttrs(with, slog.LevelInfo, "message", slog.Int("i", 42)) }},
			"without a context":            {0, func() { l.Info("message", "s", "text") }},
			"below the level":              {0, func() { l.DebugContext(ctx, "message", "s", "text") }},
			"With and a line":              {4, func() { l.With(slog.String("a", "b")).InfoContext(ctx, "message") }},
		} {
			c.log()
			if got := testing.AllocsPerRun(100, c.log); got > c.want {
				t.Errorf("%s: %v allocations, want %v", name, got, c.want)
			}
		}
	}, logs.Middleware).Invoke(t.Context(), []byte(`{}`))
}
