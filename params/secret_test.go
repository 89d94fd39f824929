package params_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/params"
)

const hunter = "hunter2"

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%e", "%c", "%U", "%b", "%o", "%08.3f", "%-20s", "%!", "%z"}

// mistakes are formats that do not go with their arguments; vet does not see all of them.
var mistakes = []string{"%d", "%*d", "login: %w", "%p"}

// holders are what a secret may be part of when it is printed.
func holders() map[string]any {
	s := lambdakit.NewSecret(hunter)
	v := params.Value{Text: hunter, Version: "3", Secret: true}
	type embedded struct{ lambdakit.Secret }
	return map[string]any{
		"itself": s, "pointer": &s, "value": v, "pointer to value": &v,
		"struct":   struct{ K, L any }{s, v},
		"fields":   struct{ K lambdakit.Secret }{s},
		"deep":     &struct{ P *lambdakit.Secret }{&s},
		"embedded": embedded{s},
		"map":      map[string]any{"a": s, "b": v, "c": []any{&s, v}},
		"key":      map[lambdakit.Secret]params.Value{s: v},
		"slice":    []lambdakit.Secret{s, s}, "array": [1]params.Value{v},
		"result":  params.Result{Value: v},
		"results": map[string]params.Result{"a": {Value: v}},
	}
}

// hexed is how %x would show the secret.
var hexed = fmt.Sprintf("%x", hunter)

func wantHidden(t *testing.T, how, shown string) {
	t.Helper()
	if low := strings.ToLower(shown); strings.Contains(low, hunter) || strings.Contains(low, hexed) || strings.Contains(shown, "104 117 110") {
		t.Errorf("%s: got %s, want no secret", how, shown)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	for name, x := range holders() {
		for _, verb := range verbs {
			wantHidden(t, name+" by "+verb, fmt.Sprintf(verb, x))
		}
		wantHidden(t, name+" by Sprintln", fmt.Sprintln(x, "and", x))
		wantHidden(t, name+" as an extra argument", fmt.Sprintf(mistakes[0], 1, x))
		wantHidden(t, name+" as a width", fmt.Sprintf(mistakes[1], x, 1))
		if js, err := json.Marshal(x); err == nil {
			wantHidden(t, name+" in JSON", string(js))
		}
		if xs, err := xml.Marshal(x); err == nil {
			wantHidden(t, name+" in XML", string(xs))
		}
		var buf bytes.Buffer
		for _, h := range []slog.Handler{slog.NewJSONHandler(&buf, nil), slog.NewTextHandler(&buf, nil)} {
			slog.New(h).With("w", x).Info("m", "x", x, slog.Group("g", "x", x), "list", []any{x})
		}
		wantHidden(t, name+" in slog", buf.String())
		if !strings.Contains(buf.String(), "[redacted]") && !strings.Contains(name, "pointer") && name != "deep" {
			t.Errorf("%s: got %s, want [redacted]", name, buf.String())
		}
	}
	for _, shown := range []string{fmt.Sprint(lambdakit.NewSecret(hunter)), fmt.Sprintf("%d", params.Value{Text: "x", Secret: true})} {
		if shown != "[redacted]" {
			t.Errorf("got %q, want [redacted]", shown)
		}
	}
}

// fmt calls no methods of unexported fields, nor after a wrong verb.
func TestSecretsDoNotPrintWhereFmtCallsNoMethods(t *testing.T) {
	t.Parallel()
	s := lambdakit.NewSecret(hunter)
	type config struct {
		key  lambdakit.Secret
		keys map[string]lambdakit.Secret
	}
	c := config{s, map[string]lambdakit.Secret{"a": s}}
	for _, verb := range verbs {
		wantHidden(t, "an unexported field by "+verb, fmt.Sprintf(verb, c))
	}
	var buf bytes.Buffer
	slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "config", c)
	wantHidden(t, "an unexported field in slog", buf.String())
	wantHidden(t, "%w", fmt.Errorf(mistakes[2], s).Error())
	wantHidden(t, "%p", fmt.Sprintf(mistakes[3], s))
}

// Code that does not use fmt calls the methods of a Value directly.
func TestValue_MethodsHideSecrets(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value params.Value
		want  string
	}{
		{params.Value{Text: hunter, Secret: true}, "[redacted]"},
		{params.Value{Text: "plain"}, "plain"},
	} {
		text, err := test.value.MarshalText()
		if err != nil {
			t.Errorf("got %v, want no error of MarshalText", err)
		}
		for method, got := range map[string]string{
			"String": test.value.String(), "LogValue": test.value.LogValue().String(), "MarshalText": string(text),
		} {
			if got != test.want {
				t.Errorf("%s: got %q, want %q", method, got, test.want)
			}
		}
	}
}

func TestWhatIsNoSecretPrints(t *testing.T) {
	t.Parallel()
	v := params.Value{Text: "plain"}
	js, _ := json.Marshal(v)
	if got := fmt.Sprintf("%v %s %s", v, v, js); got != `plain plain "plain"` {
		t.Error(got)
	}
	if (lambdakit.Secret{}).Reveal() != "" || lambdakit.NewSecret(hunter).Reveal() != hunter {
		t.Errorf("got %q and %q, want an empty text and %q", (lambdakit.Secret{}).Reveal(), lambdakit.NewSecret(hunter).Reveal(), hunter)
	}
	var s lambdakit.Secret
	if err := json.Unmarshal([]byte(`"hunter2"`), &s); err != nil || s.Reveal() != hunter {
		t.Errorf("got %q, %v, want %q", s.Reveal(), err, hunter)
	}
}

func TestStoreHandsOutSecretsAndBytes(t *testing.T) {
	t.Parallel()
	st := open(t, newFake("a", hunter), nil)
	s, err := st.Secret(t.Context(), "a")
	if err != nil || s.Reveal() != hunter {
		t.Errorf("got %q, %v, want %q", s.Reveal(), err, hunter)
	}
	for range 2 {
		b, err := st.Bytes(t.Context(), "a")
		if err != nil || string(b) != hunter {
			t.Errorf("got %q, %v, want %q", b, err, hunter)
		}
		clear(b)
	}
	if b, err := st.Bytes(t.Context(), "none"); len(b) != 0 || err == nil {
		t.Errorf("got %q, %v, want an error", b, err)
	}
	if s, err := st.Secret(t.Context(), "none"); s.Reveal() != "" || err == nil {
		t.Errorf("got %q, %v, want an error", s.Reveal(), err)
	}
	wantHidden(t, "a Cache", fmt.Sprintf("%v %+v", st, st.Fresh()))
}
