package idempotency_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit"
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
		t.Errorf("got the same key for 100.01 and 100, want different keys: %s", got)
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

// pinnedKey has the digests of what an expression picks of an event, all of it if the
// expression is empty: the default one as JavaScript sorts and writes it, and the ones that
// jmespath.py with json.dumps and Powertools for TypeScript compute.
type pinnedKey struct {
	Name, Event, Key            string
	Path                        bool // the expression is a path too
	Default, Python, TypeScript string
}

// TestKey_StaysTheSame pins the keys of usual events: another key is a second run of all that
// is stored.
func TestKey_StaysTheSame(t *testing.T) {
	text, err := os.ReadFile("testdata/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var pinned []pinnedKey
	if err := json.Unmarshal(text, &pinned); err != nil {
		t.Fatal(err)
	}
	for _, p := range pinned {
		expressions := map[string]*idempotency.Expression{"JMESPath": idempotency.JMESPath(p.Key)}
		if p.Key == "" {
			expressions = map[string]*idempotency.Expression{"the whole event": nil}
		} else if p.Path {
			expressions["Path"] = idempotency.Path(p.Key)
		}
		for kind, x := range expressions {
			for digest, want := range map[string]string{"default": p.Default, "Python": p.Python, "TypeScript": p.TypeScript} {
				d := map[string]*idempotency.Digest{"Python": idempotency.PythonKey("app.handler", nil), "TypeScript": idempotency.TypeScriptKey(nil)}[digest]
				if got := keyOf(t, t.Context(), x, d, p.Event); got != "orders#"+want {
					t.Errorf("%s, %s, %s: got %s, want orders#%s", p.Name, kind, digest, got, want)
				}
			}
		}
	}
}

func TestKey_ManyMembersInAnyOrder(t *testing.T) {
	const names = 26 // more than are sorted one by one
	var forward, backward strings.Builder
	for i := range names {
		for b, i := range map[*strings.Builder]int{&forward: i, &backward: names - 1 - i} {
			b.WriteString(`,"lineItemAttribute` + string(rune('A'+i)) + `":` + string(rune('0'+i%10)))
		}
	}
	const want = "orders#a37ba4ab8d833e374ea41f17df68e9ba3049392034d3bc145e65be363113bacc"
	for _, event := range []string{forward.String(), backward.String()} {
		if got := keyOf(t, t.Context(), nil, nil, "{"+event[1:]+"}"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// tenant returns the context of an invocation for a tenant.
func tenant(t *testing.T, id string) (ctx context.Context) {
	t.Helper()
	invocation := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1", TenantID: id})
	h := lambdakit.WrapFunc(func(c context.Context) { ctx = c })
	if _, err := h.Invoke(invocation, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func TestKey_TenantIsAPartOfIt(t *testing.T) {
	const event, digest = `{"id":"o-1"}`, "#00d5c8b71f851bbe47626a189b20fb19c11753e244bb658095c370ba3798f85c"
	for id, want := range map[string]string{"": "orders" + digest, "acme": "orders/acme" + digest, "other": "orders/other" + digest} {
		for name, d := range map[string]*idempotency.Digest{"default": nil, "Python": idempotency.PythonKey("app.handler", nil), "TypeScript": idempotency.TypeScriptKey(nil)} {
			got := keyOf(t, tenant(t, id), idempotency.Path("id"), d, event)
			if d == nil && got != want {
				t.Errorf("tenant %q, %s: got %s, want %s", id, name, got, want)
			}
			if prefix, _, _ := strings.Cut(want, "#"); !strings.HasPrefix(got, prefix+"#") {
				t.Errorf("tenant %q, %s: got %s, want it to begin with %s#", id, name, got, prefix)
			}
		}
	}
}
