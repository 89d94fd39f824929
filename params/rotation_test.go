package params_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

var errRefused = errors.New("refused")

func TestRetry(t *testing.T) {
	t.Parallel()
	other := errors.New("other")
	for name, test := range map[string]struct {
		rotated string // what the source has by now
		down    error
		errs    []error // of f
		secrets string
		want    error
	}{
		"at once":            {"new", nil, []error{nil}, "[old]", nil},
		"rotated":            {"new", nil, []error{errRefused, nil}, "[old new]", nil},
		"other error":        {"new", nil, []error{other}, "[old]", other},
		"still the same":     {"old", nil, []error{errRefused}, "[old]", errRefused},
		"refused again":      {"new", nil, []error{errRefused, errRefused}, "[old new]", errRefused},
		"cannot be fetched":  {"new", errDown, []error{errRefused}, "[old]", errRefused},
		"another error then": {"new", nil, []error{errRefused, other}, "[old new]", other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake("k", "old")
			cache := open(t, f, &params.Options{OnError: quiet})
			wantGet(t, cache, "k", "old")
			f.set("k", test.rotated)
			f.fail("", test.down)
			var secrets []string
			err := params.RunWithRotation(t.Context(), cache, "k", func(_ context.Context, secret lambdakit.Secret) error {
				secrets = append(secrets, secret.Reveal())
				return test.errs[len(secrets)-1]
			}, func(err error) bool {
				if err == nil {
					t.Error("got a call of refused without an error, want none")
				}
				return errors.Is(err, errRefused)
			})
			if err != test.want || fmt.Sprint(secrets) != test.secrets {
				t.Errorf("got %v with secrets %v, want %v with %v", err, secrets, test.want, test.secrets)
			}
		})
	}
	cache := open(t, newFake(), nil)
	err := params.RunWithRotation(t.Context(), cache, "k", func(context.Context, lambdakit.Secret) error { t.Error("called"); return nil }, nil)
	if !errors.Is(err, params.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
