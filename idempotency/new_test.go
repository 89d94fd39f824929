package idempotency_test

import (
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
		"use JMESPath":       {Prefix: "p", Key: idempotency.Path("items[*].id")},
		"quotation marks":    {Prefix: "p", Key: idempotency.Path("headers.idempotency-key")},
	} {
		if once, err := idempotency.New(store, o); err == nil || once != nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "idempotency: ") {
			t.Errorf("want an error about %q: %v", want, err)
		}
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
