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
	name := key[1 : len(key)-1]
	for _, c := range name {
		if !isTokenByte(c) {
			return http.CanonicalHeaderKey(t.of(key))
		}
	}
	start, first := t.b.Len(), true
	for _, c := range name {
		switch {
		case first && 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		case !first && 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		t.b.WriteByte(c)
		first = c == '-'
	}
	return t.b.String()[start:]
}
