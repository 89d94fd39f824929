package header_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit/tracing/internal/header"
)

func TestContext_CarriesAHeader(t *testing.T) {
	t.Parallel()
	h := header.Parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1;Lineage=a:b")
	if got := header.FromContext(header.NewContext(t.Context(), h)); got != h {
		t.Errorf("got %+v, want %+v", got, h)
	}
	var none context.Context
	for name, ctx := range map[string]context.Context{"without": t.Context(), "nil": none} {
		if got := header.FromContext(ctx); got != (header.Header{}) {
			t.Errorf("%s: got %+v, want the zero Header", name, got)
		}
	}
}
