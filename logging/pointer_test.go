package logging_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

// maskedCard masks its number by a method of its pointer.
type maskedCard struct{ Number string }

func (*maskedCard) MarshalJSON() ([]byte, error) { return []byte(`"****"`), nil }

// maskedCode masks itself in the same way.
type maskedCode [2]byte

func (*maskedCode) MarshalText() ([]byte, error) { return []byte("##"), nil }

type (
	payment  struct{ Card maskedCard }
	checkout struct { // its fields are looked at one by one
		Payment payment
		Codes   [2]maskedCode
		ByName  map[string]*payment
		Err     any
	}
	measured struct {
		Card  maskedCard
		Value float64
	}
)

// cents and vat encode themselves, so the option string of a tag does not apply.
type cents int

func (cents) MarshalJSON() ([]byte, error) { return []byte(`{"c":1}`), nil }

type vat int

func (*vat) MarshalText() ([]byte, error) { return []byte("v"), nil }

type quoted struct {
	Cents cents `json:"cents,string"`
	VAT   vat   `json:"vat,string"`
	N     int   `json:"n,string"`
	Err   any
}

// A struct next to a value such as an error must not lose the methods that mask its fields.
func TestValues_MethodsOfPointersAsInEncodingJSON(t *testing.T) {
	t.Parallel()
	p := payment{maskedCard{"4111"}}
	c := checkout{Payment: p, ByName: map[string]*payment{"a": &p}}
	for name, v := range map[string]any{
		"plain": &p, "struct": &c, "list": []checkout{c}, "list of pointers": []*checkout{&c}, "array": &[1]checkout{c},
		"map of pointers": map[string]*checkout{"a": &c}, "measured": &measured{maskedCard{"4111"}, 1}, "quoted": &quoted{1, 2, 3, nil}, "value": quoted{1, 2, 3, nil},
	} {
		l, b := logger(t, logging.Options{})
		l.Info("m", "v", v)
		var got struct{ V json.RawMessage }
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if want, err := json.Marshal(v); err != nil || string(got.V) != string(want) {
			t.Errorf("%s: got %s, want %s as encoding/json (%v)", name, got.V, want, err)
		}
	}
	for name, v := range map[string]any{
		"secret": &struct {
			Key     lambdakit.Secret
			Payment payment
		}{lambdakit.NewSecret("k"), p},
		"error":   &checkout{Payment: p, Err: errors.New("x")},
		"NaN":     &measured{maskedCard{"4111"}, math.NaN()},
		"one NaN": []measured{{maskedCard{"4111"}, 1}, {maskedCard{"4111"}, math.NaN()}},
	} {
		l, b := logger(t, logging.Options{})
		l.Info("m", "v", v)
		if got := b.String(); strings.Contains(got, "4111") || !strings.Contains(got, "****") {
			t.Errorf("%s: got %s, want the masked number", name, got)
		}
	}
}

// A nil pointer inside an error is a usual mistake.
func TestErrors_ACauseThatPanicsTakesNothingElse(t *testing.T) {
	t.Parallel()
	var none *brokenCause
	l, b := logger(t, logging.Options{})
	l.Error("m", "error", fmt.Errorf("charge order 17: %w", error(none)), "joined", errors.Join(errors.New("first"), none))
	m := lines(t, b.Bytes())[0]
	e, _ := m["error"].(map[string]any)
	if e["message"] != "charge order 17: <nil>" || e["type"] != "*fmt.wrapError" || !strings.HasPrefix(fmt.Sprint(e["cause"]), "!PANIC") {
		t.Errorf("got the error %v, want its message, its type and a cause that panicked", e)
	}
	if got := fmt.Sprint(m["joined"]); !strings.Contains(got, "first") {
		t.Errorf("got the joined error %s, want its first part", got)
	}
}

type brokenCause struct{ text string }

func (b *brokenCause) Error() string { return b.text }

// Marks may be much longer than what they replace.
func TestRedact_JSONInATextStaysWhole(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{"id"}})
	l.Info("m", "body", "["+strings.Repeat(`{"id":1},`, 100)+`{"result":"important"}]`)
	var list []map[string]any
	body, _ := lines(t, b.Bytes())[0]["body"].(string)
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 101 || list[100]["result"] != "important" || list[99]["id"] != "[redacted]" {
		t.Errorf("got %v and %d elements of %s, want 101", err, len(list), body)
	}
}

// The text that aws-lambda-go prints is cut after its bytes were replaced, or before.
func TestRuntimeErrors_LongTextsWithInvalidBytes(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	flags, out := log.Flags(), log.Writer()
	defer func() { log.SetFlags(flags); log.SetOutput(out) }()
	for _, text := range []string{strings.Repeat("x\xff", 600), strings.Repeat("é", 600), strings.Repeat("x", 1023) + "é", strings.Repeat("\xff", 300), strings.Repeat("x", 2000)} {
		l, b := logger(t, logging.Options{})
		slog.SetDefault(l)
		logs := l.Handler().(*logging.Handler)
		lambdakit.WrapFunc(func() error { return errors.New(text) }, logs.Middleware).Invoke(t.Context(), nil)
		quoted, _ := json.Marshal(text)
		log.Printf(`{"errorMessage":%s,"errorType":"errorString"}`, quoted)
		if got := lines(t, b.Bytes()); len(got) != 1 {
			t.Errorf("%.10q: got %d lines about the failure, want 1", text, len(got))
		}
	}
}
