package idempotency_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

// scoped returns the key of "k" in scopes below a prefix, for a tenant.
func scoped(t *testing.T, tenant, prefix string, scopes ...string) string {
	t.Helper()
	once := newOnce(t, nil, idempotency.Options{Prefix: prefix})
	for _, name := range scopes {
		once = once.Scope(name)
	}
	var key string
	h := lambdakit.Wrap(func(ctx context.Context, _ any) (any, error) {
		var err error
		key, err = once.Key(ctx, "k")
		return nil, err
	})
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{TenantID: tenant})
	if _, err := h.Invoke(ctx, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	return key
}

// The keys of plain names are in tables that exist.
func TestScope_PlainNamesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"orders#":                     scoped(t, "", "orders"),
		"orders.charge#":              scoped(t, "", "orders", "charge"),
		"orders.charge-card.step_2#":  scoped(t, "", "orders", "charge-card", "step_2"),
		"my.prefix.charge#":           scoped(t, "", "my.prefix", "charge"),
		"orders.charge/acme#":         scoped(t, "acme", "orders", "charge"),
		"orders/acme:eu/7@example=1#": scoped(t, "acme:eu/7@example=1", "orders"),
	} {
		if prefix, _, _ := strings.Cut(got, "#"); prefix+"#" != want {
			t.Errorf("got %s, want %s and a digest", got, want)
		}
	}
}

func TestScope_DifferentScopesNeverHaveOneKey(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	names := []string{"", "a", "b", "a.b", "b.c", "a.b.c", "a/t", "t", "/t", "#", "a#", "%2E", "a%2Eb", ".", ".."}
	add := func(key, what string) {
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s: got the same key %s, want different keys", other, what, key)
		}
		seen[key] = what
	}
	for _, tenant := range []string{"", "t", "a/t", "t#", "%23"} {
		for _, x := range names {
			add(scoped(t, tenant, "p", x), "tenant "+tenant+": "+x)
			for _, y := range names {
				add(scoped(t, tenant, "p", x, y), "tenant "+tenant+": "+x+" + "+y)
			}
		}
	}
	add(scoped(t, "", "p/t"), "the prefix p/t")
	add(scoped(t, "t", "p"), "the prefix p with tenant t")
}

func TestTypeScriptKey_TrimsThePrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{" orders\n": "orders", "\ufeff\u00a0orders\u2028": "orders", "or ders": "or ders", "a/b%": "a/b%"} {
		key, err := newOnce(t, nil, idempotency.Options{Prefix: prefix, Digest: idempotency.TypeScriptKey(nil)}).Key(t.Context(), "k")
		if got, _, _ := strings.Cut(key, "#"); got != want || err != nil {
			t.Errorf("prefix %q: got %q, %v, want %q", prefix, got, err, want)
		}
	}
}

func TestKey_InvalidEventIsNotAnEmptyOne(t *testing.T) {
	t.Parallel()
	for _, digest := range []*idempotency.Digest{nil, idempotency.PythonKey("app.handler", nil), idempotency.TypeScriptKey(nil)} {
		for _, x := range []*idempotency.Expression{nil, idempotency.Path("id"), idempotency.Path("[a, b]"), idempotency.Path("items[0].id"), idempotency.JMESPath("id || other")} {
			for _, event := range []string{"", " ", "{", "x", "nul", `{"other":`, `{"z":1}}`, "\x00", `[{"id":1}`, "{}{}"} {
				once := newOnce(t, nil, idempotency.Options{Key: x, Digest: digest, RunWithoutKey: true})
				n := 0
				if _, err := idempotency.Call(t.Context(), once, json.RawMessage(event), times(&n)); !errors.Is(err, idempotency.ErrEvent) || n != 0 {
					t.Errorf("%q with key %s: got %v after %d runs, want ErrEvent", event, x, err, n)
				}
			}
		}
	}
}

// The text says what has no key, and how such events may run.
func TestKey_ErrorsNameTheReason(t *testing.T) {
	t.Parallel()
	nothing := func([]byte) (string, error) { return "", nil }
	fails := func([]byte) (string, error) { return "", errors.New("no id") }
	for _, c := range []struct {
		o           idempotency.Options
		event, want string
	}{
		{idempotency.Options{}, `{}`, "idempotency: the event has no idempotency key: the whole event is empty (see Options.RunWithoutKey)"},
		{idempotency.Options{}, ` {"a" : null, "b":["", {"c" :""}], "\"":[]} `, "idempotency: the event has no idempotency key: the whole event is empty (see Options.RunWithoutKey)"},
		{idempotency.Options{Key: idempotency.JMESPath("a.b")}, `{"a":1}`, "idempotency: the event has no idempotency key: nothing at a.b (see Options.RunWithoutKey)"},
		{idempotency.Options{Key: idempotency.Path("a.b")}, `{"a":1}`, "idempotency: the event has no idempotency key: nothing at a.b (see Options.RunWithoutKey)"},
		{idempotency.Options{KeyFunc: nothing}, `{"a":1}`, "idempotency: the event has no idempotency key: KeyFunc found nothing (see Options.RunWithoutKey)"},
		{idempotency.Options{KeyFunc: fails}, `{"a":1}`, "idempotency: the idempotency key cannot be computed from the event: key: no id"},
		{idempotency.Options{RunWithoutKey: true}, `{}`, "idempotency: the event has no idempotency key: the whole event is empty (it ran without idempotency because Options.RunWithoutKey is set; later ones are not reported)"},
	} {
		var r reports
		c.o.OnError = r.add
		once := newOnce(t, nil, c.o)
		n := 0
		_, err := idempotency.Call(t.Context(), once, json.RawMessage(c.event), times(&n))
		if err == nil {
			idempotency.Call(t.Context(), once, json.RawMessage(c.event), times(&n))
			err = errors.Join(r.take()...)
		}
		if err == nil || err.Error() != c.want || c.o.RunWithoutKey != (n == 2) {
			t.Errorf("%s: got %v after %d runs, want %s", c.event, err, n, c.want)
		}
	}
}

func TestOptions_ValidateThatFailsIsAnErrEvent(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("id"), Validate: idempotency.Path("powertools_json(body).total")})
	n := 0
	_, err := idempotency.Call(t.Context(), once, json.RawMessage(`{"id":1,"body":"x"}`), times(&n))
	if !errors.Is(err, idempotency.ErrEvent) || !strings.Contains(err.Error(), ": validation: ") || n != 0 {
		t.Errorf("got %v after %d runs, want an ErrEvent of the validation", err, n)
	}
}

func TestDo_TextThatIsNotUTF8IsReported(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"plain": 0, "\xff": 1, "\ufffd": 0, `\ufffd`: 0, "a\xc3": 1} {
		var r reports
		once := newOnce(t, nil, idempotency.Options{OnError: r.add})
		if got, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (string, error) { return text, nil }); got != text || err != nil {
			t.Errorf("got %q, %v, want %q, no error", got, err, text)
		}
		if got := len(r.take()); got != want {
			t.Errorf("%q: got %d reports, want %d", text, got, want)
		}
	}
}

// An event with a value other than null and empty ones has a key.
func TestKey_ValuesThatAreNotEmpty(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{})
	for _, event := range []string{`{"a":true}`, `{"a":false}`, `{"a":0}`, `{"a":-1}`, `{"a":" "}`, `[null,"x"]`, `false`} {
		if key, err := once.Key(t.Context(), json.RawMessage(event)); key == "" || err != nil {
			t.Errorf("%s: got %q and %v, want a key", event, key, err)
		}
	}
}
