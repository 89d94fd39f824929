package env_test

import (
	"testing"

	"github.com/lambdakit/lambdakit/internal/env"
)

func TestBool(t *testing.T) {
	for text, want := range map[string]string{
		"": "unset", "1": "true", " Yes ": "true", "ON": "true", "t": "true", "0": "false", "No": "false", "off": "false", "F": "false",
		"maybe": "error", "2": "error",
	} {
		t.Setenv("X_SWITCH", text)
		v, ok, err := env.Bool("X_SWITCH")
		got := "false"
		switch {
		case err != nil:
			got = "error"
		case !ok:
			got = "unset"
		case v:
			got = "true"
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{"": "", "  ": "", "orders": "orders", " a b ": " a b "} {
		t.Setenv("NAME", in)
		if got := env.Text("NAME"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
