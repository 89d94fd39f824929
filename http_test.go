package lambdakit_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit"
)

func TestInvocation_HTTP(t *testing.T) {
	t.Parallel()
	want := lambdakit.HTTPExchange{Method: "GET", Route: "/orders/{id}", Status: 404}
	var inv *lambdakit.Invocation
	h := lambdakit.WrapFunc(func(ctx context.Context) {
		inv = lambdakit.FromContext(ctx)
		if x, ok := inv.HTTP(); ok || x != (lambdakit.HTTPExchange{}) {
			t.Errorf("without an answer: got %+v and %v, want nothing", x, ok)
		}
		inv.SetHTTP(want)
	}, onEnd(func(inv *lambdakit.Invocation) {
		if x, ok := inv.HTTP(); !ok || x != want {
			t.Errorf("at the end: got %+v and %v, want %+v", x, ok, want)
		}
	}))
	if _, err := h.Invoke(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	inv.SetHTTP(lambdakit.HTTPExchange{Method: "POST", Status: 200})
	if x, ok := inv.HTTP(); !ok || x != want {
		t.Errorf("after the end: got %+v and %v, want %+v", x, ok, want)
	}
}
