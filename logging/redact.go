package logging

import (
	"math"
	"strings"
	"unicode/utf8"
)

// redactor knows the names whose values must not be logged.
type redactor struct {
	names   []string
	lengths uint64 // bit n: a name of n bytes, n modulo 64
}

func newRedactor(names []string) redactor {
	var r redactor
	for _, n := range names {
		if n != "" {
			r.names = append(r.names, n)
			r.lengths |= 1 << (len(n) & 63)
			if !ascii(n) {
				r.lengths = math.MaxUint64
			}
		}
	}
	return r
}

// text returns s without the secrets in the JSON, forms and query strings that it holds.
func (r *redactor) text(s string) string {
	if r.names == nil {
		return s
	}
	c := cleaner{redact: r, limit: len(s)}
	return c.string(s, 0, false)
}

// ascii reports whether another case of name has the same length.
func ascii(name string) bool {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (r *redactor) match(name string) bool {
	if r.names == nil || r.lengths&(1<<(len(name)&63)) == 0 && ascii(name) {
		return false
	}
	for _, n := range r.names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
