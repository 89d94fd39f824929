package path

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/lambdakit/lambdakit/idempotency/internal/encoded"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// call is a function that decodes a string.
type call struct {
	name string
	arg  node
}

func isFunction(name string) bool {
	return name == "powertools_json" || name == "powertools_base64" || name == "powertools_base64_gzip"
}

func (c call) find(text []byte) ([]byte, error) {
	s, none, err := c.decode(text)
	switch {
	case err != nil:
		return nil, err
	case none:
		return null, nil
	case c.name == "powertools_json":
		// It is not changed, so that it need not be copied.
		return trim(unsafe.Slice(unsafe.StringData(s), len(s)))
	}
	return jsonenc.AppendString(make([]byte, 0, len(s)+len(`""`)+strings.Count(s, `"`)+strings.Count(s, `\`)), s), nil
}

// decode applies the function to the string that its argument leads to. It returns a text, or
// the text of a JSON value.
func (c call) decode(text []byte) (s string, none bool, err error) {
	if s, err = c.argument(text); err != nil {
		return "", false, err
	}
	switch c.name {
	case "powertools_base64":
		s, none, err = encoded.Base64(s)
	case "powertools_base64_gzip":
		s, none, err = encoded.Base64Gzip(s)
	default:
		if !json.Valid(unsafe.Slice(unsafe.StringData(s), len(s))) {
			err = errors.New("the string is not valid JSON")
		}
	}
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", c.name, err)
	}
	return s, none, nil
}

// argument returns the string that the argument leads to. What another function decoded need
// not become a JSON string in between.
func (c call) argument(text []byte) (string, error) {
	if inner, ok := c.arg.(call); ok && inner.name != "powertools_json" {
		s, none, err := inner.decode(text)
		if err == nil && none {
			err = c.noString()
		}
		return s, err
	}
	arg, err := c.arg.find(text)
	if err != nil {
		return "", err
	}
	if len(arg) < 2 || arg[0] != '"' || arg[len(arg)-1] != '"' {
		return "", c.noString()
	}
	s, ok := jsonscan.String(arg)
	if !ok || !utf8.Valid(arg) {
		return "", errSyntax
	}
	if strings.ContainsRune(s, utf8.RuneError) && hasSurrogate(arg) {
		return "", fmt.Errorf("%s: the string has half of a surrogate pair", c.name)
	}
	return s, nil
}

func (c call) noString() error {
	return fmt.Errorf("%s is for a string, and the event has none there", c.name)
}

// hasSurrogate reports whether a JSON string has half of a surrogate pair, which decoding to
// UTF-8 replaces by U+FFFD.
func hasSurrogate(text []byte) bool {
	v, err := jsontree.Parse(text)
	return err != nil || !utf8.ValidString(v.Text())
}
