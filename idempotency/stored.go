package idempotency

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/errtype"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// What is stored besides plain results is an object with this one member. A result with a
// member of the name is put into one: some stores bring members into another order.
const envelopeName = "$lambdakit"

type envelope struct {
	Content struct {
		Error  *finalError     `json:"error,omitempty"`
		Lost   string          `json:"lost,omitempty"`
		Result json.RawMessage `json:"result,omitempty"`
		Binary []byte          `json:"binary,omitempty"` // a result that is not JSON
		Empty  bool            `json:"empty,omitempty"`  // the result has no bytes, which not every store takes
	} `json:"$lambdakit"`
}

type finalError struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

// outcome is what a run came to, as it is stored: a result, an error of Options.Final, or
// that there was a result that could not be stored.
type outcome struct {
	result []byte
	err    *finalError
	lost   string
}

func (o outcome) encode() []byte {
	if o.err == nil && o.lost == "" && len(o.result) > 0 {
		if named, _ := hasEnvelope(o.result); !named {
			return o.result
		}
	}
	return o.envelope()
}

// envelope is encode with an envelope around every outcome. A result that would not come out
// of JSON as it went in is binary in it: a lambda.Handler may return anything.
func (o outcome) envelope() []byte {
	exact := json.Valid(o.result) && len(bytes.TrimSpace(o.result)) == len(o.result)
	if o.err == nil && o.lost == "" && exact {
		text := append([]byte(`{"`+envelopeName+`":{"result":`), o.result...)
		return append(text, "}}"...)
	}
	var e envelope
	e.Content.Error, e.Content.Lost = o.err, o.lost
	if o.err == nil && o.lost == "" {
		e.Content.Binary, e.Content.Empty = o.result, len(o.result) == 0
	}
	text, _ := marshal(&e) // of strings: it cannot fail
	return text
}

// codecMark precedes what a Codec wrote. No JSON text begins so, nor does what another library
// stores.
const codecMark = "\x00lambdakit-codec\x00"

// decode undoes what Execution.complete did to an outcome.
func (g *Guard) decode(data []byte) (outcome, error) {
	encoded, marked := bytes.CutPrefix(data, []byte(codecMark))
	switch {
	case !marked && g.o.Codec == nil, len(data) == 0: // another library stored no result
		return decodeOutcome(data)
	case !marked:
		// A mark that a result was lost does not go through the codec.
		if out, err := decodeOutcome(data); err == nil && out.lost != "" {
			return out, nil
		}
		return outcome{}, fmt.Errorf("%w: it was written without one", ErrCodec)
	case g.o.Codec == nil:
		return outcome{}, fmt.Errorf("%w: it was written with one, and Options has none", ErrCodec)
	}
	decoded, err := g.o.Codec.Decode(encoded)
	if err != nil {
		return outcome{}, fmt.Errorf("%w: Decode failed: %w", ErrCodec, err)
	}
	if named, alone := hasEnvelope(decoded); !named || !alone {
		return outcome{}, fmt.Errorf("%w: Decode made no result of it", ErrCodec)
	}
	return decodeOutcome(decoded)
}

// decodeOutcome reads what encode wrote.
func decodeOutcome(data []byte) (outcome, error) {
	if len(data) == 0 { // another library stored no result
		return outcome{}, nil
	}
	named, alone := hasEnvelope(data)
	if !named || !alone {
		return outcome{result: data}, nil
	}
	var e envelope
	err := json.Unmarshal(data, &e)
	c := e.Content
	if err != nil || c.Error == nil && c.Lost == "" && c.Result == nil && c.Binary == nil && !c.Empty {
		return outcome{}, errors.New("the record holds an outcome that this version does not know")
	}
	if c.Empty || c.Binary != nil {
		c.Result = append(json.RawMessage{}, c.Binary...)
	}
	return outcome{result: c.Result, err: c.Error, lost: c.Lost}, nil
}

// hasEnvelope reports whether data is a JSON object with a member of the envelope's name, and
// whether that is its only one.
func hasEnvelope(data []byte) (named, alone bool) {
	text := bytes.TrimLeft(data, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return false, false
	}
	members := 0
	jsonscan.Members(text, func(key []byte, _, _ int) bool {
		members++
		named = named || jsonscan.KeyIs(key, envelopeName)
		return true
	})
	return named && json.Valid(data), members == 1
}

// final returns err in the form in which it is stored, nil where Options.Final does not have
// it.
func (g *Guard) final(err error) *finalError {
	for _, name := range slices.Sorted(maps.Keys(g.o.Final)) {
		if errors.Is(err, g.o.Final[name]) {
			return &finalError{Name: name, Type: errtype.Of(err), Message: err.Error()}
		}
	}
	return nil
}

// marshal is json.Marshal without escaped HTML, as responses of functions are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errKeyText
	}
	return jsonenc.AppendString(dst, s), nil
}
