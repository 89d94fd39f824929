package logging_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// A model of lines: the last of several attributes of one name counts, whatever the names are and
// wherever the attributes come from.
func TestLines_LikeAModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"", "level", "\xff", "\u2028", `quo"te`, "!ERROR", "log_bytes"}
	for i := range 400 {
		names = append(names, fmt.Sprint("name", i*i))
	}
	for range 50 {
		n := 1 + r.IntN(100)
		want := map[string]any{}
		// add returns attributes and notes them. An attribute that is often left out may have any source.
		add := func(often int) (args []any) {
			if r.IntN(often) > 0 {
				return nil
			}
			for range 1 + r.IntN(n) {
				name, v := names[r.IntN(min(len(names), 2*n))], r.IntN(1000)
				args = append(args, name, v)
				if name == "level" {
					name = "attr_level"
				}
				want[reference(name)] = float64(v)
			}
			return args
		}
		var b bytes.Buffer
		var fromContext []slog.Attr
		logs := logging.New(&logging.Options{
			Writer: &b, MaxLineBytes: 1 << 20, Attrs: slog.Group("", add(2)...).Value.Group(),
			FromContext: func(_ context.Context, dst []slog.Attr) []slog.Attr { return append(dst, fromContext...) },
		})
		lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) {
			logging.Append(ctx, add(2)...)
			logging.Append(ctx, add(3)...)
			ctx = logging.With(ctx, add(2)...)
			ctx = logging.With(ctx, add(3)...)
			fromContext = slog.Group("", add(3)...).Value.Group()
			l := slog.New(logs).With(add(2)...).With(add(3)...)
			l.InfoContext(ctx, "m", add(1)...)
		}), `{}`)
		got := lines(t, b.Bytes())[0]
		for name := range got {
			if name == "message" || name == "timestamp" || isBase(name) {
				delete(got, name)
			}
		}
		if !maps.EqualFunc(got, want, func(a, b any) bool { return a == b }) {
			t.Fatalf("got %d fields %v\nwant %d %v", len(got), slices.Sorted(maps.Keys(got)), len(want), slices.Sorted(maps.Keys(want)))
		}
	}
}
