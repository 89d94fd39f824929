package idempotency

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"unicode"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// PythonKey returns the Digest of Powertools for AWS Lambda (Python): MD5, or the hash that is
// given, of what json.dumps makes of the value, in hexadecimal. function is the module and
// qualified name of the Python function, such as "app.lambda_handler", which are part of the
// default prefix there; Options.Prefix replaces all of it.
//
// New refuses a Key or Validate with a function or a form whose value is another one in that
// library, because a key that differs is a second run. The document docs/keys.md of this project
// lists them.
//
// MD5 is not for keys whose collision somebody may gain from.
func PythonKey(function string, newHash func() hash.Hash) *Digest {
	return &Digest{
		prefix:   func(lambda string) string { return cmp.Or(lambda, "test-func") + "." + function },
		tidy:     func(prefix string) string { return prefix },
		language: new(foreign.Python),
		nothing: func(value []byte, _, _ bool) (bool, error) {
			v, err := jsontree.Parse(value)
			return err == nil && pythonNothing(v), err
		},
		sum: sumForeign(foreign.AppendPython, newHash, hex.AppendEncode),
	}
}

// TypeScriptKey returns the Digest of Powertools for AWS Lambda (TypeScript): MD5, or the hash
// that is given, of what JSON.stringify makes of the value with its members sorted, in base64.
// The stores of that library have results in another form than Python's: see the option
// for it of the store.
//
// New refuses a Key or Validate with a function or a form whose value is another one in that
// library, as with [PythonKey].
//
// MD5 is not for keys whose collision somebody may gain from.
func TypeScriptKey(newHash func() hash.Hash) *Digest {
	return &Digest{
		prefix:   func(lambda string) string { return lambda },
		tidy:     func(prefix string) string { return strings.TrimFunc(prefix, isSpace) }, // as String.prototype.trim
		language: new(foreign.TypeScript),
		nothing: func(value []byte, picked, lenient bool) (bool, error) {
			v, err := jsontree.Parse(value)
			if lenient {
				return err == nil && picked && v.Kind() == jsontree.Null, err
			}
			return err == nil && typeScriptNothing(v), err
		},
		sum: sumForeign(foreign.AppendJavaScript, newHash, base64.StdEncoding.AppendEncode),
	}
}

// isSpace reports whether JavaScript's trim removes r.
func isSpace(r rune) bool { return unicode.IsSpace(r) && r != 0x85 || r == 0xFEFF }

func sumForeign(write func([]byte, jsontree.Value) []byte, newHash func() hash.Hash, encode func(dst, src []byte) []byte) func(dst, value []byte) ([]byte, error) {
	if newHash == nil {
		newHash = md5.New
	}
	return func(dst, value []byte) ([]byte, error) {
		v, err := jsontree.Parse(value)
		if err != nil {
			return nil, err
		}
		h := newHash()
		h.Write(write(nil, v))
		return encode(dst, h.Sum(nil)), nil
	}
}

// pythonNothing reports whether that library finds no key in v.
func pythonNothing(v jsontree.Value) bool {
	switch v.Kind() {
	case jsontree.Null:
		return true
	case jsontree.String:
		return v.Text() == ""
	case jsontree.Object:
		return len(v.Members()) == 0
	case jsontree.Array:
		for _, e := range v.Elements() {
			if e.Kind() != jsontree.Null {
				return false
			}
		}
		return true
	}
	return false
}

// typeScriptNothing reports whether that library finds no key in v.
func typeScriptNothing(v jsontree.Value) bool {
	switch v.Kind() {
	case jsontree.Array:
		for _, e := range v.Elements() {
			if truthy(e) {
				return false
			}
		}
		return true
	case jsontree.Object:
		for _, m := range v.Members() {
			if truthy(m.Value) {
				return false
			}
		}
		return true
	}
	return !truthy(v)
}

// truthy is what JavaScript takes for true.
func truthy(v jsontree.Value) bool {
	switch v.Kind() {
	case jsontree.Null:
		return false
	case jsontree.Bool:
		return v.Bool()
	case jsontree.String:
		return v.Text() != ""
	case jsontree.Number:
		var text [32]byte
		return string(foreign.AppendJavaScript(text[:0], v)) != "0"
	}
	return true
}

// refuses returns an error for an expression whose value is another one in the library that a
// digest is compatible with.
func (d *Digest) refuses(x *Expression) error {
	if d == nil || d.language == nil || x == nil {
		return nil
	}
	difference := x.differs(*d.language)
	if difference == nil {
		return nil
	}
	return fmt.Errorf("%s: the key would differ in %s because of %s: %s; pick the plain value with Path, or compute the key with KeyFunc",
		x.text, *d.language, difference.What, difference.Why)
}
