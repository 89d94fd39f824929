package eventfile_test

import (
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/events/internal/eventfile"
)

func TestName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, name string
		want         string
	}{
		{"shop.orders", "OrderConfirmed", "shop.orders.OrderConfirmed.v2.json"},
		{"a.b", "c", "a.b.c.v2.json"},
		{"a", "b.c", "a.b%2Ec.v2.json"},
		{"../../etc", "pass/wd", "%2E.%2F..%2Fetc.pass%2Fwd.v2.json"},
		{"urn:shop", "é", "urn%3Ashop.%C3%A9.v2.json"},
		{"CON", "X", "%43ON.X.v2.json"},
		{"a%2E", `\`, "a%252E.%5C.v2.json"},
	} {
		if got := eventfile.Name(c.source, c.name, 2); got != c.want {
			t.Errorf("%q, %q: got %s, want %s", c.source, c.name, got, c.want)
		}
	}
}

func TestName_LongNamesDiffer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	a, b := eventfile.Name(long, "a", 1), eventfile.Name(long, "b", 1)
	if len(a) > 255 || a == b {
		t.Errorf("got %s and %s, want two short names", a, b)
	}
}
