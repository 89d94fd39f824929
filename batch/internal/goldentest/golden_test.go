package goldentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/lambdakit/lambdakit/internal/golden"
)

// TestGolden does what recorded programs did with the official libraries for TypeScript, and compares
// what became of each record. Each deliberate difference of package batch is a rule. It rewrites the
// expectation; if nothing is left to compare, the case is skipped.
func TestGolden(t *testing.T) {
	golden.Run(t, "batch.json", rules, func(t *testing.T, text []byte, touch func(string)) (skip string) {
		var c struct {
			Case, Lang, Quirk string
			Given             json.RawMessage
			Want              json.RawMessage
		}
		var head struct{ Kind string }
		if err := strict(text, &c); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c.Given, &head); err != nil {
			t.Fatal(err)
		}
		kinds := map[string]func(*testing.T, []byte, []byte, func(string)) string{
			"batch": batchCase, "kafka": kafkaCase, "envelope": envelopeCase,
		}
		run := kinds[head.Kind]
		if run == nil {
			t.Fatalf("got the unknown kind %q", head.Kind)
		}
		synctest.Test(t, func(t *testing.T) { skip = run(t, c.Given, c.Want, touch) })
		return skip
	})
}

// decode decodes the two halves of a case. It accepts no member of given that it does not know.
func decode(t *testing.T, given, want []byte, g, w any) {
	t.Helper()
	if err := strict(given, g); err != nil {
		t.Fatalf("given: %v", err)
	}
	if err := json.Unmarshal(want, w); err != nil {
		t.Fatalf("want: %v", err)
	}
}

// strict decodes JSON and refuses unknown members.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// member returns a member of a member of v; nil if there is none.
func member(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// same reports whether two values are the same in JSON.
func same(a, b any) bool {
	text := func(v any) string {
		text, err := json.Marshal(plain(v))
		return fmt.Sprint(string(text), err)
	}
	return text(a) == text(b)
}
