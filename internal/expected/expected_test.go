package expected_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit/internal/expected"
)

type contextKey struct{}

func TestIs_KnowsTheCodesOfAllContextsAround(t *testing.T) {
	t.Parallel()
	outer := expected.NewContext(context.WithValue(t.Context(), contextKey{}, "v"), "A")
	inner, cancel := context.WithCancel(expected.NewContext(outer, "B"))
	defer cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		code string
		want bool
	}{
		{"none", t.Context(), "A", false},
		{"own", outer, "A", true},
		{"another", outer, "B", false},
		{"own of two", inner, "B", true},
		{"of the one around", inner, "A", true},
		{"neither", inner, "C", false},
		{"empty", inner, "", false},
	} {
		if got := expected.Is(c.ctx, c.code); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNewContext_KeepsValuesAndCancellation(t *testing.T) {
	t.Parallel()
	around, cancel := context.WithCancel(context.WithValue(t.Context(), contextKey{}, "v"))
	ctx := expected.NewContext(around, "A")
	if got := ctx.Value(contextKey{}); got != "v" {
		t.Errorf("value: got %v, want v", got)
	}
	cancel()
	if got := ctx.Err(); got != context.Canceled {
		t.Errorf("error: got %v, want %v", got, context.Canceled)
	}
}

func TestAllocations(t *testing.T) {
	ctx := expected.NewContext(t.Context(), "A")
	if got := testing.AllocsPerRun(100, func() { expected.Is(ctx, "B") }); got != 0 {
		t.Errorf("Is: got %v allocations, want 0", got)
	}
	if got := testing.AllocsPerRun(100, func() { ctx = expected.NewContext(t.Context(), "A") }); got > 1 {
		t.Errorf("NewContext: got %v allocations, want 1", got)
	}
}
