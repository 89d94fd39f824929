package httpapi

import (
	"net/http"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// texts decodes the texts of an event into one buffer, so that they need one allocation together.
type texts struct{ b strings.Builder }

// of returns the text of a string, or the JSON of any other value; empty if the value is absent.
func (t *texts) of(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	start := t.b.Len()
	if value[0] != '"' {
		t.b.Write(value)
		return t.b.String()[start:]
	}
	inner := value[1 : len(value)-1]
	for _, c := range inner {
		if c == '\\' || c < ' ' || c > '~' {
			return jsonscan.Text(value)
		}
	}
	t.b.Write(inner)
	return t.b.String()[start:]
}

// headerName returns the canonical name of a header, as http.CanonicalHeaderKey does.
func (t *texts) headerName(key []byte) string {
	var name [64]byte
	inner := key[1 : len(key)-1]
	if len(inner) > len(name) {
		return http.CanonicalHeaderKey(t.of(key))
	}
	first := true
	for i, c := range inner {
		switch {
		case 'a' <= c && c <= 'z':
			if first {
				c -= 'a' - 'A'
			}
		case 'A' <= c && c <= 'Z':
			if !first {
				c += 'a' - 'A'
			}
		case c != '-' && !isTokenByte(c):
			return http.CanonicalHeaderKey(t.of(key))
		}
		name[i] = c
		first = c == '-'
	}
	start := t.b.Len()
	t.b.Write(name[:len(inner)])
	return t.b.String()[start:]
}
