package path

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency/internal/encoded"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// call is one of the functions that look into an encoded string.
type call struct {
	name string
	arg  node
}

func isFunction(name string) bool {
	return name == "powertools_json" || name == "powertools_base64" || name == "powertools_base64_gzip"
}

func (c call) find(text []byte) ([]byte, error) {
	arg, err := c.arg.find(text)
	if err != nil {
		return nil, err
	}
	if len(arg) < 2 || arg[0] != '"' || arg[len(arg)-1] != '"' {
		return nil, fmt.Errorf("%s is for a string, and the event has none there", c.name)
	}
	s, ok := jsonscan.String(arg)
	if !ok || !utf8.Valid(arg) {
		return nil, errSyntax
	}
	if strings.ContainsRune(s, utf8.RuneError) && hasSurrogate(arg) {
		return nil, fmt.Errorf("%s: the string has half of a surrogate pair", c.name)
	}
	var none bool
	switch c.name {
	case "powertools_base64":
		s, none, err = encoded.Base64(s)
	case "powertools_base64_gzip":
		s, none, err = encoded.Base64Gzip(s)
	default:
		if inner := []byte(s); json.Valid(inner) {
			return trim(inner)
		}
		err = errors.New("the string is not valid JSON")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	if none {
		return null, nil
	}
	return jsonenc.AppendString(nil, s), nil
}

// hasSurrogate reports whether a JSON string has half of a surrogate pair, which decoding to
// UTF-8 replaces by U+FFFD.
func hasSurrogate(text []byte) bool {
	v, err := jsontree.Parse(text)
	return err != nil || !utf8.ValidString(v.Text())
}
