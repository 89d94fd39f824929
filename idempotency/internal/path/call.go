package path

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency/internal/encoded"
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
