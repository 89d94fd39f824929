package idempotency_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/params"
)

// withSecrets returns values that contain a secret.
func withSecrets(text string) map[string]any {
	s := lambdakit.NewSecret(text)
	return map[string]any{"secret": s, "field": struct{ A []any }{[]any{&s}}, "parameter": params.Value{Text: text, Secret: true}}
}

func TestCall_AKeyWithASecretIsRefused(t *testing.T) {
	t.Parallel()
	g := newOnce(t, idempotency.NewMemoryStore(nil), idempotency.Options{})
	for name, key := range withSecrets("4111-1111") {
		ran := false
		err := idempotency.Run(t.Context(), g, key, func(context.Context) error { ran = true; return nil })
		if err == nil || ran || !strings.Contains(err.Error(), "Reveal") || strings.Contains(err.Error(), "4111") {
			t.Errorf("%s: got %v and ran %v, want an error that names Reveal, and no call", name, err, ran)
		}
	}
	for name, key := range map[string]any{"text": "[redacted]", "event": []byte(`{"a":"[redacted]"}`), "struct": struct{ Note string }{"[redacted]"}} {
		if err := idempotency.Run(t.Context(), g, key, func(context.Context) error { return nil }); err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
		}
	}
}

// Only what is picked must be free of secrets.
func TestCall_ASecretOutsideTheKey(t *testing.T) {
	t.Parallel()
	type order struct {
		ID    string           `json:"id"`
		Token lambdakit.Secret `json:"token"`
	}
	for _, c := range []struct {
		o    idempotency.Options
		want bool
	}{
		{idempotency.Options{Key: idempotency.Path("id")}, true},
		{idempotency.Options{Key: idempotency.Path("token")}, false},
		{idempotency.Options{Key: idempotency.Path("[id, token]")}, false},
		{idempotency.Options{Key: idempotency.Path("id"), Validate: idempotency.Path("token")}, false},
		{idempotency.Options{KeyFunc: func([]byte) (string, error) { return "o-1", nil }}, true},
	} {
		g := newOnce(t, idempotency.NewMemoryStore(nil), c.o)
		err := idempotency.Run(t.Context(), g, order{"o-1", lambdakit.NewSecret("tok")}, func(context.Context) error { return nil })
		if (err == nil) != c.want || err != nil && !strings.Contains(err.Error(), "Reveal") {
			t.Errorf("%+v: got %v, want it to run: %v", c.o, err, c.want)
		}
	}
}

// A duplicate would get [redacted] as the secret.
func TestCall_AResultWithASecretIsNotStored(t *testing.T) {
	t.Parallel()
	var reports []error
	g, err := idempotency.New(idempotency.NewMemoryStore(nil), &idempotency.Options{Prefix: "p", OnError: func(err error) { reports = append(reports, err) }})
	if err != nil {
		t.Fatal(err)
	}
	for name, result := range withSecrets("tok-123") {
		call := func() (any, error) {
			return idempotency.Call(t.Context(), g, name, func(context.Context) (any, error) { return result, nil })
		}
		reports = nil
		if got, err := call(); err != nil || fmt.Sprintf("%T", got) != fmt.Sprintf("%T", result) || len(reports) != 1 {
			t.Errorf("%s: got %T, %v and the reports %v; want the result and a report", name, got, err, reports)
		}
		if got, err := call(); !errors.Is(err, idempotency.ErrResultLost) || !strings.Contains(err.Error(), "Secret") {
			t.Errorf("%s, a duplicate: got %v, %v; want ErrResultLost because of a Secret", name, got, err)
		}
	}
}

// Its method for JSON leaves out the field whose method panics.
type picky struct {
	Note   string
	Broken panicsInJSON `json:"-"`
}

func (p picky) MarshalJSON() ([]byte, error) { return json.Marshal([]string{p.Note}) }

type panicsInJSON struct{}

func (panicsInJSON) MarshalJSON() ([]byte, error) { panic("broken") }

// The work is done, so a panic of the search must not let it run again.
func TestCall_AResultWhoseFieldsPanicIsNotDoneAgain(t *testing.T) {
	t.Parallel()
	g := newOnce(t, idempotency.NewMemoryStore(nil), idempotency.Options{OnError: func(error) {}})
	runs := 0
	for range 2 {
		func() {
			defer func() { _ = recover() }()
			_, err := idempotency.Call(t.Context(), g, "k", func(context.Context) (picky, error) {
				runs++
				return picky{Note: "[redacted]"}, nil
			})
			if runs == 1 && err != nil && !errors.Is(err, idempotency.ErrResultLost) {
				t.Errorf("got %v, want ErrResultLost for the duplicate", err)
			}
		}()
	}
	if runs != 1 {
		t.Errorf("got %d runs, want 1", runs)
	}
}
