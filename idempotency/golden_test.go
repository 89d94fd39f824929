package idempotency_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"errors"
	"hash"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/golden"
)

var goldenRules = []golden.Rule{
	{ID: "kinds", Reason: "errors are told apart by errors.Is, and by whether the function has run, not by upstream's names and texts"},
	{ID: "warnings", Reason: "upstream warns of a key that it takes all the same, and twice of one that is missing; OnError is told once of a missing one"},
	{ID: "refused", Reason: "New refuses an expression whose value can differ in the other language; the recorded event has the same key without the refusal"},
	{ID: "python-validation", Reason: "what is validated is picked in the same language as the key; upstream for Python forgets its own functions there"},
}

// TestGolden computes keys, for the events that recorded programs gave to the official
// libraries for TypeScript and Python, and compares the records that a store gets.
func TestGolden(t *testing.T) {
	golden.Run(t, "idempotency_hash.json", goldenRules, func(t *testing.T, text []byte, touch func(string)) (skip string) {
		c := decodeGolden(t, text)
		t.Setenv("POWERTOOLS_IDEMPOTENCY_DISABLED", "")
		t.Setenv("AWS_LAMBDA_FUNCTION_NAME", c.Given.LambdaFunctionName)
		for lang, want := range map[string]*goldenKey{"ts": c.Want.TS, "python": c.Want.Python} {
			if want == nil {
				continue
			}
			got := c.play(t, lang, idempotency.JMESPath, false)
			if got.err != nil && strings.Contains(got.err.Error(), "the key would differ in") {
				touch("refused")
				got = c.play(t, lang, idempotency.JMESPath, true)
			}
			c.compare(t, lang, got, want, touch)
			if c.inPath() {
				if path := c.play(t, lang, idempotency.Path, false); path.id != got.id || path.validation != got.validation || path.outcome() != got.outcome() {
					t.Errorf("%s: got %+v with Path, want %+v as with JMESPath", lang, path, got)
				}
			}
		}
		return ""
	})
}

// goldenHash is one case of the file.
type goldenHash struct {
	Given struct {
		PayloadJSON               string `json:"payload_json"`
		EventKeyJMESPath          string `json:"event_key_jmespath"`
		ThrowOnNoKey              bool   `json:"throw_on_no_key"`
		LambdaFunctionName        string `json:"lambda_function_name"`
		PythonFunction            string `json:"python_function"`
		KeyPrefix                 string `json:"key_prefix"`
		HashFunction              string `json:"hash_function"`
		PayloadValidationJMESPath string `json:"payload_validation_jmespath"`
	}
	Want struct {
		TS, Python    *goldenKey
		SameCanonical bool `json:"same_canonical"`
		SameOutcome   bool `json:"same_outcome"`
	}
}

// goldenKey is what one of the libraries made of it.
type goldenKey struct {
	Outcome             string
	HandlerRan          bool `json:"handler_ran"`
	Canonical, Hash, ID string
	Validation          string
	ValidationCanonical string `json:"validation_canonical"`
	Warnings            []string
	Error               *goldenFailure
}

type goldenFailure struct {
	Name, Message string
	Cause         *goldenFailure
}

// decodeGolden fails for unknown members: a case that is only partly understood proves
// nothing.
func decodeGolden(t *testing.T, text []byte) *goldenHash {
	var parts struct{ Given, Want json.RawMessage }
	if err := json.Unmarshal(text, &parts); err != nil {
		t.Fatal(err)
	}
	c := new(goldenHash)
	for part, v := range map[*json.RawMessage]any{&parts.Given: &c.Given, &parts.Want: &c.Want} {
		d := json.NewDecoder(bytes.NewReader(*part))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			t.Fatalf("the case has something unknown to this test: %v", err)
		}
	}
	return c
}

// goldenStore remembers the record that a run begins with.
type goldenStore struct {
	mu    sync.Mutex
	begun []idempotency.Record
}

func (s *goldenStore) Begin(_ context.Context, r *idempotency.Record, _ time.Time) (*idempotency.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun = append(s.begun, *r)
	return nil, nil
}

func (s *goldenStore) Complete(context.Context, *idempotency.Record) error { return nil }
func (s *goldenStore) Extend(context.Context, *idempotency.Record) error   { return nil }
func (s *goldenStore) Delete(context.Context, *idempotency.Record) error   { return nil }

// goldenPlayed is the outcome of a case.
type goldenPlayed struct {
	id, validation string
	stored, ran    bool
	err            error
	reports        int
}

func (p goldenPlayed) outcome() string {
	switch {
	case p.err != nil && !p.ran && !p.stored:
		return "error"
	case p.err == nil && p.ran && p.stored:
		return "stored"
	case p.err == nil && p.ran:
		return "skipped"
	}
	return "none that upstream has"
}

func (c *goldenHash) play(t *testing.T, lang string, expression func(string) *idempotency.Expression, lenient bool) (p goldenPlayed) {
	g := c.Given
	newHash, ok := map[string]func() hash.Hash{
		"": nil, "md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
	}[g.HashFunction]
	if !ok {
		t.Fatalf("the hash %q is unknown to this test", g.HashFunction)
	}
	o := &idempotency.Options{
		Digest: idempotency.PythonKey(g.PythonFunction, newHash), RunWithoutKey: !g.ThrowOnNoKey,
		OnError: func(error) { p.reports++ },
	}
	if lang == "ts" {
		o.Digest, o.Prefix = idempotency.TypeScriptKey(newHash), g.KeyPrefix // the recorded Python has no option for the prefix
	}
	if g.EventKeyJMESPath != "" {
		o.Key = expression(g.EventKeyJMESPath)
	}
	if g.PayloadValidationJMESPath != "" {
		o.Validate = expression(g.PayloadValidationJMESPath)
	}
	if lenient {
		o.Digest = o.Digest.WithoutRefusal()
	}
	store := new(goldenStore)
	once, err := idempotency.New(store, o)
	if err != nil {
		p.err = err
		return p
	}
	_, p.err = idempotency.Call(t.Context(), once, json.RawMessage(g.PayloadJSON), func(context.Context) (bool, error) {
		p.ran = true
		return true, nil
	})
	if len(store.begun) > 0 {
		p.stored, p.id, p.validation = true, store.begun[0].Key, store.begun[0].Validation
	}
	return p
}

// inPath reports whether the expressions of the case are in the language of Path.
func (c *goldenHash) inPath() bool {
	for _, text := range []string{c.Given.EventKeyJMESPath, c.Given.PayloadValidationJMESPath} {
		if text == "" {
			continue
		}
		_, err := idempotency.New(new(goldenStore), &idempotency.Options{Key: idempotency.Path(text), Prefix: "p"})
		if err != nil {
			return false
		}
	}
	return true
}

func (c *goldenHash) compare(t *testing.T, lang string, got goldenPlayed, want *goldenKey, touch func(string)) {
	if len(want.Warnings) > 0 {
		touch("warnings")
	}
	if lang == "python" && want.Error != nil && strings.Contains(want.Error.Message, "Unknown function: powertools_") && c.Given.PayloadValidationJMESPath != "" {
		touch("python-validation")
		if got.outcome() != "stored" || got.validation == "" {
			t.Errorf("%s: got outcome %s, validation %q and error %v, want stored with a validation", lang, got.outcome(), got.validation, got.err)
		}
		return
	}
	if got.outcome() != want.Outcome || got.ran != want.HandlerRan {
		t.Errorf("%s: the outcome is %s, the function ran: %v, want %s, %v; error: %v", lang, got.outcome(), got.ran, want.Outcome, want.HandlerRan, got.err)
	}
	if got.id != want.ID || got.id != "" && !strings.HasSuffix(got.id, "#"+want.Hash) {
		t.Errorf("%s: the key is %q, want %q, which is the hash of\n%s", lang, got.id, want.ID, want.Canonical)
	}
	if got.validation != want.Validation {
		t.Errorf("%s: the validation is %q, want %q, which is the hash of\n%s", lang, got.validation, want.Validation, want.ValidationCanonical)
	}
	if want.Outcome == "skipped" && got.reports != 1 {
		t.Errorf("%s: got %d reports of a missing key, want 1", lang, got.reports)
	}
	if want.Error == nil {
		return
	}
	touch("kinds")
	noKey := want.Error.Name == "IdempotencyKeyError" || want.Error.Cause != nil && want.Error.Cause.Name == "IdempotencyKeyError"
	if errors.Is(got.err, idempotency.ErrNoKey) != noKey {
		t.Errorf("%s: the error is %v; it is an ErrNoKey: want %v", lang, got.err, noKey)
	}
}
