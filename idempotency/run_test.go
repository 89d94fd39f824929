package idempotency_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit/idempotency"
)

func TestRun_RunsOnce(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once, n := newOnce(t, store, idempotency.Options{}), 0
	for range 3 {
		if err := idempotency.Run(t.Context(), once, "k", func(context.Context) error { n++; return nil }); err != nil || n != 1 {
			t.Errorf("got %v after %d runs, want nil after 1", err, n)
		}
	}
	if got := string(store.data); got != "null" {
		t.Errorf("stored %s, want null", got)
	}
	boom := errors.New("boom")
	for range 2 {
		if err := idempotency.Run(t.Context(), once, "failing", func(context.Context) error { n++; return boom }); err != boom {
			t.Errorf("got %v, want %v", err, boom)
		}
	}
	if n != 3 {
		t.Errorf("got %d runs, want 3: a run that failed is done again", n)
	}
}

func TestDisabled_WinsOverTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		env     string
		option  *bool
		runs    int
		reports int
	}{
		{"", nil, 1, 0},
		{"", new(true), 2, 0},
		{"true", nil, 2, 1},
		{"true", new(false), 1, 0},
		{"maybe", new(false), 1, 0},
	} {
		t.Setenv("POWERTOOLS_IDEMPOTENCY_DISABLED", c.env)
		var r reports
		once, n := newOnce(t, nil, idempotency.Options{Disabled: c.option, OnError: r.add}), 0
		for range 2 {
			if err := idempotency.Run(t.Context(), once, "k", func(context.Context) error { n++; return nil }); err != nil {
				t.Error(err)
			}
		}
		if reports := len(r.take()); n != c.runs || reports != c.reports {
			t.Errorf("environment %q, option %v: got %d runs and %d reports, want %d and %d", c.env, c.option, n, reports, c.runs, c.reports)
		}
	}
}

func TestNew_RefusesASwitchThatIsNone(t *testing.T) {
	t.Setenv("POWERTOOLS_IDEMPOTENCY_DISABLED", "maybe")
	_, err := idempotency.New(nil, &idempotency.Options{Prefix: "p"})
	if want := `idempotency: POWERTOOLS_IDEMPOTENCY_DISABLED="maybe" is neither true nor false: unset it in production, set it to true on a developer's machine`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
