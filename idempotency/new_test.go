package idempotency_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	store := idempotency.NewMemoryStore(nil)
	key := idempotency.Path("id")
	for want, o := range map[string]*idempotency.Options{
		"a Key and a KeyFu":  {Prefix: "p", Key: key, KeyFunc: func([]byte) (string, error) { return "", nil }},
		"Options.Key":        {Prefix: "p", Key: idempotency.Path("a[")},
		"Options.Validate":   {Prefix: "p", Validate: idempotency.JMESPath("a[")},
		"made by Path":       {Prefix: "p", Key: new(idempotency.Expression)},
		"empty name":         {Prefix: "p", Final: map[string]error{"": errors.New("x")}},
		"nil error":          {Prefix: "p", Final: map[string]error{"x": nil}},
		"at least a second":  {Prefix: "p", ExpiresAfter: time.Millisecond},
		"Wait is negative":   {Prefix: "p", Wait: -1},
		"Lease is negative":  {Prefix: "p", Lease: -1},
		"Records is negativ": {Prefix: "p", MaxCacheRecords: -1},
		"Bytes is negative":  {Prefix: "p", MaxCacheBytes: -1},
		"StoreTimeout is ne": {Prefix: "p", StoreTimeout: -1},
		"CleanupTimeout is ": {Prefix: "p", CleanupTimeout: -1},
		"is -1ns; it is at ": {Prefix: "p", ExpiresAfter: -1},
		"by PythonKey or Ty": {Prefix: "p", Digest: new(idempotency.Digest)},
		"nil error: \"x\"":   {Prefix: "p", Final: map[string]error{"x": (*idempotency.StoredError)(nil)}},
		"use JMESPath":       {Prefix: "p", Key: idempotency.Path("items[*].id")},
		"quotation marks":    {Prefix: "p", Key: idempotency.Path("headers.idempotency-key")},
	} {
		if once, err := idempotency.New(store, o); err == nil || once != nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "idempotency: ") {
			t.Errorf("want an error about %q: %v", want, err)
		}
	}
}

func TestNew_RefusesANilPointerAsAStore(t *testing.T) {
	t.Parallel()
	var store *idempotency.MemoryStore
	want := "idempotency: the store is a nil *idempotency.MemoryStore"
	if _, err := idempotency.New(store, &idempotency.Options{Prefix: "p"}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNew_Prefixes(t *testing.T) {
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "")
	for _, c := range []struct {
		store            idempotency.Store
		function, prefix string
		digest           *idempotency.Digest
		want             string
	}{
		{nil, "", "", nil, "local"},
		{idempotency.NewMemoryStore(nil), "", "", nil, "local"},
		{nil, "orders", "", nil, "orders"},
		{idempotency.NewMemoryStore(nil), "orders", "", nil, "orders"},
		{nil, "orders", "shop", nil, "shop"},
		{nil, "", "", idempotency.PythonKey("app.handler", nil), "local.app.handler"},
		{idempotency.NewMemoryStore(nil), "", "", idempotency.PythonKey("app.handler", nil), "test-func.app.handler"},
		{idempotency.NewMemoryStore(nil), "", "", idempotency.TypeScriptKey(nil), ""},
		{nil, "", "", idempotency.TypeScriptKey(nil), "local"},
	} {
		t.Setenv("AWS_LAMBDA_FUNCTION_NAME", c.function)
		g, err := idempotency.New(c.store, &idempotency.Options{Prefix: c.prefix, Digest: c.digest})
		if err != nil {
			t.Errorf("%+v: got %v, want no error", c, err)
			continue
		}
		key, err := g.Key(t.Context(), "k")
		if got, _, _ := strings.Cut(key, "#"); got != c.want || err != nil {
			t.Errorf("%+v: got the prefix %q and %v, want %q", c, got, err, c.want)
		}
	}
}

func TestExpression_String(t *testing.T) {
	t.Parallel()
	var none *idempotency.Expression
	for want, x := range map[string]*idempotency.Expression{"": none, "a.b": idempotency.Path("a.b"), "a || b": idempotency.JMESPath("a || b"), "a[": idempotency.JMESPath("a["), "b[": idempotency.Path("b[")} {
		if got := x.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A caller may change its map after New.
func TestNew_CopiesFinal(t *testing.T) {
	t.Parallel()
	final := map[string]error{"declined": errDeclined}
	once := newOnce(t, nil, idempotency.Options{Final: final})
	delete(final, "declined")
	n := 0
	for range 2 {
		if err := idempotency.Run(t.Context(), once, "k", func(context.Context) error { n++; return errDeclined }); !errors.Is(err, errDeclined) {
			t.Errorf("got %v, want %v", err, errDeclined)
		}
	}
	if n != 1 {
		t.Errorf("got %d runs, want 1, because the error is final", n)
	}
}

func TestNewInLambdaNeedsAStore(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
	if _, err := idempotency.New(nil, nil); err == nil {
		t.Error("New without a store in Lambda: got no error, want one")
	}
	if _, err := idempotency.New(idempotency.NewMemoryStore(nil), nil); err != nil {
		t.Error(err)
	}
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "")
	if _, err := idempotency.New(idempotency.NewMemoryStore(nil), nil); err == nil || !strings.Contains(err.Error(), "no Prefix") {
		t.Errorf("no prefix in Lambda: got %v, want an error", err)
	}
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "")
	if _, err := idempotency.New(idempotency.NewMemoryStore(nil), nil); err != nil {
		t.Errorf("no prefix outside Lambda: got %v, want none", err)
	}
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	t.Setenv("POWERTOOLS_IDEMPOTENCY_DISABLED", "maybe")
	if _, err := idempotency.New(idempotency.NewMemoryStore(nil), nil); err == nil || !strings.Contains(err.Error(), "maybe") {
		t.Errorf("a switch that is neither true nor false: got %v, want an error with its value", err)
	}
}
