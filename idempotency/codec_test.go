package idempotency_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

// rot is a Codec that always decodes to something.
type rot byte

func (r rot) Encode(result []byte) ([]byte, error)  { return r.turn(result, byte(r)), nil }
func (r rot) Decode(encoded []byte) ([]byte, error) { return r.turn(encoded, -byte(r)), nil }

func (rot) turn(text []byte, by byte) []byte {
	turned := bytes.Clone(text)
	for i := range turned {
		turned[i] += by
	}
	return turned
}

// identity is a Codec that changes nothing, so that its output is JSON.
type identity struct{}

func (identity) Encode(result []byte) ([]byte, error)  { return result, nil }
func (identity) Decode(encoded []byte) ([]byte, error) { return encoded, nil }

// A record of another codec must not reach a duplicate as the answer.
func TestCodec_AnotherOneIsAnError(t *testing.T) {
	t.Parallel()
	codecs := map[string]idempotency.Codec{"none": nil, "one": rot(1), "two": rot(2), "identity": identity{}}
	for written, w := range codecs {
		for read, r := range codecs {
			store := idempotency.NewMemoryStore(nil)
			function := func(c idempotency.Codec) func() (string, error) {
				h := lambdakit.Wrap(func(context.Context, order) (string, error) { return "answer", nil },
					newOnce(t, store, idempotency.Options{Codec: c}).Middleware)
				return func() (string, error) {
					response, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`))
					return string(response), err
				}
			}
			step := func(c idempotency.Codec) func() (string, error) {
				once := newOnce(t, store, idempotency.Options{Codec: c})
				return func() (string, error) {
					return idempotency.Call(t.Context(), once, "k", func(context.Context) (string, error) { return "answer", nil })
				}
			}
			for path, with := range map[string]func(idempotency.Codec) func() (string, error){"Middleware": function, "Call": step} {
				first, err := with(w)()
				if err != nil {
					t.Fatal(err)
				}
				again, err := with(r)()
				if same := written == read; same && (again != first || err != nil) || !same && !errors.Is(err, idempotency.ErrCodec) && !(path == "Middleware" && err != nil) {
					t.Errorf("%s: codec %s, then %s: got %q, %v, want ErrCodec unless they are the same", path, written, read, again, err)
				}
			}
		}
	}
}

// A Codec gets results of any kind, and duplicates get them back exactly.
func TestCodec_KeepsEveryResult(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`{"a":1}`, ` [1, 2.50] `, `"text"`, `null`, ``, `not JSON`, "\xff\x00", `{"$lambdakit":{"lost":"x"}}`} {
		h := lambdakit.WrapHandler(constant(result), newOnce(t, nil, idempotency.Options{Codec: rot(7)}).Middleware)
		for range 2 {
			if got, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); string(got) != result || err != nil {
				t.Errorf("got %q, %v, want %q", got, err, result)
			}
		}
	}
}

type constant string

func (c constant) Invoke(context.Context, []byte) ([]byte, error) { return []byte(c), nil }

// fixed is a Codec whose Decode always returns the same text.
type fixed string

func (f fixed) Encode(result []byte) ([]byte, error) { return result, nil }
func (f fixed) Decode([]byte) ([]byte, error)        { return []byte(f), nil }

// What a Codec decodes is an answer only if it is an envelope of this package and nothing else.
func TestCodec_DecodedTextMustBeAnEnvelope(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `null`, `{}`, `{"a":1}`, `{"$lambdakit":{"result":1},"a":1}`, `[{"$lambdakit":{"result":1}}]`, `{"$lambdakit":{"result":1}`} {
		once := newOnce(t, nil, idempotency.Options{Codec: fixed(text)})
		for i := range 2 {
			_, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 1, nil })
			if want := i > 0; errors.Is(err, idempotency.ErrCodec) != want {
				t.Errorf("%q, call %d: got %v, want an ErrCodec: %v", text, i, err, want)
			}
		}
	}
}
