package idempotency

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
)

// Digest computes the part of a key behind the prefix from the value that identifies an event.
// [PythonKey] and [TypeScriptKey] return one.
type Digest struct {
	// prefix returns the default prefix for a Lambda function.
	prefix func(function string) string

	// cleanPrefix returns a prefix as it stands in keys.
	cleanPrefix func(prefix string) string

	// isMissing reports whether the event has no key. picked: an expression picked the value.
	// lenient: Options.RunWithoutKey is set.
	isMissing func(value []byte, picked, lenient bool) (bool, error)

	// language is the language whose Powertools library makes the same keys. nil: none.
	language *foreign.Language

	// sum appends the digest of a value.
	sum func(dst, value []byte) ([]byte, error)
}

// canonicalSHA256 is the default.
var canonicalSHA256 = Digest{
	prefix:      func(function string) string { return function },
	cleanPrefix: prefixEscaper.Replace,
	isMissing:   func(value []byte, _, _ bool) (bool, error) { return isEmpty(value), nil },
	sum:         sumCanonical,
}

type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

const maxPooled = 64 << 10

func sumCanonical(dst, value []byte) ([]byte, error) {
	buf := buffers.Get().(*buffer)
	b, err := canon.Append(buf.b[:0], value)
	sum := sha256.Sum256(b)
	if cap(b) <= maxPooled {
		buf.b = b
		buffers.Put(buf)
	}
	return hex.AppendEncode(dst, sum[:]), err
}

// isEmpty reports whether the JSON value has only nulls and empty strings, arrays and objects.
// Names of members do not count.
func isEmpty(value []byte) bool {
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			end := stringEnd(value, i)
			if end == i+2 || isName(value, end) {
				i = end - 1
				continue
			}
			return false
		case c == 't' || c == 'f' || c == '-' || c >= '0' && c <= '9':
			return false
		}
	}
	return true
}

// stringEnd returns the index after the string that starts at value[i].
func stringEnd(value []byte, i int) int {
	for i++; i < len(value) && value[i] != '"'; i++ {
		if value[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(value))
}

// isName reports whether the string that ends before value[i] is the name of a member.
func isName(value []byte, i int) bool {
	for i < len(value) && (value[i] == ' ' || value[i] == '\n' || value[i] == '\t' || value[i] == '\r') {
		i++
	}
	return i < len(value) && value[i] == ':'
}
