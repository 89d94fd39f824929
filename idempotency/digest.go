package idempotency

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
)

// Digest turns what was picked of an event into the part of a key that follows the prefix.
type Digest struct {
	prefix func(function string) string

	// tidy makes a prefix one of keys.
	tidy func(prefix string) string

	// nothing reports whether a value is none to make a key of. picked says that an
	// expression picked it, lenient that Options.RunWithoutKey is set.
	nothing func(value []byte, picked, lenient bool) (bool, error)

	// language is the one whose library makes the same keys, nil if there is none.
	language *foreign.Language

	// sum appends the digest of a value.
	sum func(dst, value []byte) ([]byte, error)
}

// canonicalSHA256 is the default.
var canonicalSHA256 = Digest{
	prefix:  func(function string) string { return function },
	tidy:    prefixEscaper.Replace,
	nothing: func(value []byte, _, _ bool) (bool, error) { return isNothing(value), nil },
	sum:     sumCanonical,
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

// isNothing reports whether the JSON value has nothing but nulls and what is empty: no
// number, no boolean, no text but the names of members.
func isNothing(value []byte) bool {
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

// stringEnd returns the index behind the string that starts at value[i].
func stringEnd(value []byte, i int) int {
	for i++; i < len(value) && value[i] != '"'; i++ {
		if value[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(value))
}

// isName reports whether a string that ends at value[i] is the name of a member.
func isName(value []byte, i int) bool {
	for i < len(value) && (value[i] == ' ' || value[i] == '\n' || value[i] == '\t' || value[i] == '\r') {
		i++
	}
	return i < len(value) && value[i] == ':'
}
