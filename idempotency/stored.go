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

// An outcome that is not a plain result is stored in an envelope, an object with this one member.
// A result that has a member with this name is put into an envelope too.
const envelopeName = "$lambdakit"

type envelope struct {
	Content struct {
		Error  *finalError     `json:"error,omitempty"`
		Lost   string          `json:"lost,omitempty"`
		Result json.RawMessage `json:"result,omitempty"`
		Binary []byte          `json:"binary,omitempty"` // a result that is not JSON
		Empty  bool            `json:"empty,omitempty"`  // the result has no bytes, which some stores refuse
	} `json:"$lambdakit"`
}

// finalError is the stored form of an error of Options.Final.
type finalError struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

// outcome is the outcome of an execution in the form in which it is stored. Only one field
// is set.
type outcome struct {
	result []byte
	err    *finalError
	lost   string // why the result is missing
}

// encode returns a plain result, or an envelope.
func (o outcome) encode() []byte {
	if o.err == nil && o.lost == "" && len(o.result) > 0 {
		if named, _ := hasEnvelope(o.result); !named {
			return o.result
		}
	}
	return o.envelope()
}

// envelope returns an envelope around any outcome. A result that JSON does not keep byte for byte
// is binary in it, because a lambda.Handler may return any bytes.
func (o outcome) envelope() []byte {
	exact := json.Valid(o.result) && len(bytes.TrimSpace(o.result)) == len(o.result)
	if exact { // an error has no result
		text := append([]byte(`{"`+envelopeName+`":{"result":`), o.result...)
		return append(text, "}}"...)
	}
	var e envelope
	e.Content.Error, e.Content.Lost = o.err, o.lost
	if o.err == nil && o.lost == "" {
		e.Content.Binary, e.Content.Empty = o.result, len(o.result) == 0
	}
	text, _ := marshal(&e) // it has only strings, and cannot fail
	return text
}

// codecMark stands before the bytes of a Codec. Neither JSON nor a result of another library
// begins with it.
const codecMark = "\x00lambdakit-codec\x00"

// decode returns the outcome that Execution.complete stored as data.
func (g *Guard) decode(data []byte) (outcome, error) {
	encoded, marked := bytes.CutPrefix(data, []byte(codecMark))
	switch {
	case !marked && g.options.Codec == nil, len(data) == 0: // a record of another library without a result
		return decodeOutcome(data)
	case !marked:
		// completeWithoutResult does not use the codec.
		if out, err := decodeOutcome(data); err == nil && out.lost != "" {
			return out, nil
		}
		return outcome{}, fmt.Errorf("%w: it was written without one", ErrCodec)
	case g.options.Codec == nil:
		return outcome{}, fmt.Errorf("%w: it was written with one, and Options has none", ErrCodec)
	}
	decoded, err := g.options.Codec.Decode(encoded)
	if err != nil {
		return outcome{}, fmt.Errorf("%w: Decode failed: %w", ErrCodec, err)
	}
	if named, alone := hasEnvelope(decoded); !named || !alone {
		return outcome{}, fmt.Errorf("%w: Decode did not return an encoded result", ErrCodec)
	}
	return decodeOutcome(decoded)
}

// decodeOutcome decodes the bytes of encode.
func decodeOutcome(data []byte) (outcome, error) {
	if len(data) == 0 { // a record of another library without a result
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
		return outcome{}, errors.New("the record has an outcome that this version does not know")
	}
	if c.Empty || c.Binary != nil {
		c.Result = append(json.RawMessage{}, c.Binary...)
	}
	return outcome{result: c.Result, err: c.Error, lost: c.Lost}, nil
}

// hasEnvelope reports whether data is a JSON object with a member of the envelope's name, and
// whether it is the only member.
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

// finalError returns the stored form of err if it is an error of Options.Final, else nil.
func (g *Guard) finalError(err error) *finalError {
	for _, name := range slices.Sorted(maps.Keys(g.options.Final)) {
		if errors.Is(err, g.options.Final[name]) {
			return &finalError{Name: name, Type: errtype.Of(err), Message: err.Error()}
		}
	}
	return nil
}

// marshal is json.Marshal without escaped HTML, as for the responses of functions.
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
