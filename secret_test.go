package lambdakit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
)

func TestSecret_NeverPrintsItsText(t *testing.T) {
	t.Parallel()
	type config struct {
		Name   string
		Key    lambdakit.Secret
		Nested map[string]*lambdakit.Secret
		hidden lambdakit.Secret
	}
	secret := lambdakit.NewSecret("hunter2")
	c := config{"n", secret, map[string]*lambdakit.Secret{"k": &secret}, secret}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", secret, &secret, c)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "secret", secret, "config", c, "error", fmt.Errorf("no access with %v", secret))
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "secret", secret, "config", c)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	for _, form := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "hunter2")} {
		if strings.Contains(out.String(), form) {
			t.Errorf("got this output, want it without %s:\n%s", form, out.String())
		}
	}
	if got := secret.String(); got != "[redacted]" {
		t.Errorf("got %s, want [redacted]", got)
	}
	if got := secret.Reveal(); got != "hunter2" {
		t.Errorf("Reveal: got %q, want the text", got)
	}
	if got := (lambdakit.Secret{}).Reveal(); got != "" {
		t.Errorf("Reveal of the zero Secret: got %q, want an empty text", got)
	}
}

func TestSecret_DecodesExactly(t *testing.T) {
	t.Parallel()
	var got struct{ Key lambdakit.Secret }
	if err := errors.Join(json.Unmarshal([]byte(`{"Key":" a\n"}`), &got)); err != nil || got.Key.Reveal() != " a\n" {
		t.Errorf("got %q, %v, want the text with its white space", got.Key.Reveal(), err)
	}
}
