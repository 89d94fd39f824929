package idempotency

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// What is stored besides plain results stands in an object of this one member. A result that
// begins like one is put into one.
const envelopeStart = `{"$lambdakit":`

type envelope struct {
	Content struct {
		Error  *storedError    `json:"error,omitempty"`
		Lost   string          `json:"lost,omitempty"`
		Result json.RawMessage `json:"result,omitempty"`
	} `json:"$lambdakit"`
}

type storedError struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

// outcome is what a run came to, as it is stored: a result, an error of Options.Final, or
// that there was a result that could not be stored.
type outcome struct {
	result []byte
	err    *storedError
	lost   string
}

func (o outcome) encode() []byte {
	if o.err == nil && o.lost == "" && !bytes.HasPrefix(o.result, []byte(envelopeStart)) {
		return o.result
	}
	var e envelope
	e.Content.Error, e.Content.Lost, e.Content.Result = o.err, o.lost, o.result
	text, err := marshal(&e)
	if err != nil { // the result is no JSON, so nobody takes it for an envelope
		return o.result
	}
	return text
}

// decodeOutcome reads what encode wrote.
func decodeOutcome(data []byte) (outcome, error) {
	if !bytes.HasPrefix(data, []byte(envelopeStart)) {
		return outcome{result: data}, nil
	}
	var e envelope
	if json.Unmarshal(data, &e) != nil {
		return outcome{result: data}, nil
	}
	c := e.Content
	if c.Error == nil && c.Lost == "" && c.Result == nil {
		return outcome{}, errors.New("the record holds an outcome that this version does not know")
	}
	return outcome{result: c.Result, err: c.Error, lost: c.Lost}, nil
}

// final returns err in the form in which it is stored, nil where Options.Final does not have
// it.
func (i *Idempotency) final(err error) *storedError {
	for name, target := range i.o.Final {
		if errors.Is(err, target) {
			return &storedError{Name: name, Type: typeName(err), Message: err.Error()}
		}
	}
	return nil
}

// typeName returns what aws-lambda-go gives as the errorType of err.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
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
		return nil, errors.New("the key is not valid UTF-8")
	}
	return jsonenc.AppendString(dst, s), nil
}
