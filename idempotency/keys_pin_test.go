package idempotency_test

import (
	"context"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency"
)

// keyOf returns the key of an event with the prefix "orders".
func keyOf(t *testing.T, ctx context.Context, key *idempotency.Expression, digest *idempotency.Digest, event string) string {
	t.Helper()
	i, err := idempotency.New(nil, &idempotency.Options{Prefix: "orders", Key: key, Digest: digest})
	if err != nil {
		t.Fatal(err)
	}
	got, err := i.Key(ctx, []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKey_TextOfANumberIsOneForOneNumber(t *testing.T) {
	x := idempotency.JMESPath("[id, to_string(amount)]")
	want := keyOf(t, t.Context(), x, nil, `{"id":"o-1","amount":100}`)
	for _, amount := range []string{"100.00", "100.0", "1e2", "1.0E+2"} {
		if got := keyOf(t, t.Context(), x, nil, `{"id":"o-1","amount":`+amount+`}`); got != want {
			t.Errorf("%s: got %s, want %s", amount, got, want)
		}
	}
	if got := keyOf(t, t.Context(), x, nil, `{"id":"o-1","amount":100.01}`); got == want {
		t.Errorf("the keys of 100.01 and 100 are the same: %s", got)
	}
}

func TestKey_PathAndJMESPathAgreeOnAMemberWithoutAName(t *testing.T) {
	const event = `{"a":{"":"o-1"},"":"o-2"}`
	for _, text := range []string{`""`, `a.""`, `[a."", ""]`, `{"": ""}`} {
		got, want := keyOf(t, t.Context(), idempotency.Path(text), nil, event), keyOf(t, t.Context(), idempotency.JMESPath(text), nil, event)
		if got != want {
			t.Errorf("%s: got %s with Path, want %s as with JMESPath", text, got, want)
		}
	}
}
