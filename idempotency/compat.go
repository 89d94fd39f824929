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

// PythonKey returns the Digest of Powertools for AWS Lambda (Python): the hash, in hexadecimal, of
// the value as json.dumps writes it. A nil newHash is MD5. function is the module and the qualified
// name of the Python function, for instance "app.lambda_handler". It is a part of the default
// prefix of that library. Options.Prefix replaces the whole prefix.
//
// New refuses an expression in Key or Validate whose value can differ in that library, because the
// work would be done again under a different key. docs/keys.md lists these expressions.
//
// Do not use MD5 if a caller could profit from two events with the same key.
func PythonKey(function string, newHash func() hash.Hash) *Digest {
	return &Digest{
		prefix:      func(lambda string) string { return cmp.Or(lambda, "test-func") + "." + function },
		cleanPrefix: func(prefix string) string { return prefix },
		language:    new(foreign.Python),
		isMissing: func(value []byte, _, _ bool) (bool, error) {
			v, err := jsontree.Parse(value)
			return err == nil && emptyInPython(v), err
		},
		sum: sumForeign(foreign.AppendPython, newHash, hex.AppendEncode),
	}
}

// TypeScriptKey returns the Digest of Powertools for AWS Lambda (TypeScript): the hash, in base64,
// of the value with sorted members as JSON.stringify writes it. A nil newHash is MD5. The stores of
// that library keep results in another form than Python's: set the option NativeData of the store.
//
// New refuses an expression in Key or Validate whose value can differ in that library, as with
// [PythonKey]. Do not use MD5 if a caller could profit from two events with the same key.
func TypeScriptKey(newHash func() hash.Hash) *Digest {
	return &Digest{
		prefix:      func(lambda string) string { return lambda },
		cleanPrefix: func(prefix string) string { return strings.TrimFunc(prefix, isSpace) }, // as String.prototype.trim
		language:    new(foreign.TypeScript),
		isMissing: func(value []byte, picked, lenient bool) (bool, error) {
			v, err := jsontree.Parse(value)
			if lenient {
				return err == nil && picked && v.Kind() == jsontree.Null, err
			}
			return err == nil && emptyInTypeScript(v), err
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

// emptyInPython reports whether v is not a key for the Python library.
func emptyInPython(v jsontree.Value) bool {
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

// emptyInTypeScript reports whether v is not a key for the TypeScript library.
func emptyInTypeScript(v jsontree.Value) bool {
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

// truthy reports whether v is true in a condition of JavaScript.
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

// checkExpression returns an error if the value of x can differ in the library that d is compatible
// with.
func (d *Digest) checkExpression(x *Expression) error {
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
