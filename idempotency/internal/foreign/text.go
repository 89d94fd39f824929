package foreign

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

const (
	surrogates    = 0xD800
	lastSurrogate = 0xDFFF
)

// decode returns the first code point of s, a lone surrogate in WTF-8 included.
func decode(s string) (rune, int) {
	if len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 {
		return rune(s[0]&0xF)<<12 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return utf8.DecodeRuneInString(s)
}

// units yields the UTF-16 code units of s.
func units(s string) iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for i := 0; i < len(s); {
			r, n := decode(s[i:])
			i += n
			if r <= 0xFFFF {
				if !yield(uint16(r)) {
					return
				}
				continue
			}
			high, low := utf16.EncodeRune(r)
			if !yield(uint16(high)) || !yield(uint16(low)) {
				return
			}
		}
	}
}

// appendEscape appends a code unit as Python escapes it.
func appendEscape(dst []byte, c uint16) []byte {
	if c < utf8.RuneSelf {
		return jsonenc.AppendEscape(dst, byte(c))
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[c>>12], hex[c>>8&0xf], hex[c>>4&0xf], hex[c&0xf])
}

// toLower is JavaScript's toLowerCase. It handles two special characters: a dotted capital I,
// whose lower case has two characters, and a sigma at the end of a word.
func toLower(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := decode(s[i:])
		switch {
		case r == 'İ':
			b.WriteString("i\u0307")
		case r == 'Σ' && isFinal(s[:i], s[i+n:]):
			b.WriteRune('ς')
		case r >= surrogates && r <= lastSurrogate:
			b.WriteString(s[i : i+n])
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		i += n
	}
	return b.String()
}

// isFinal reports whether a letter between before and after ends a word.
func isFinal(before, after string) bool {
	for {
		r, n := utf8.DecodeLastRuneInString(before)
		if n == 0 || !ignorable(r) {
			if !cased(r) {
				return false
			}
			break
		}
		before = before[:len(before)-n]
	}
	for _, r := range after {
		if !ignorable(r) {
			return !cased(r)
		}
	}
	return true
}

func cased(r rune) bool {
	return unicode.IsLower(r) || unicode.IsUpper(r) || unicode.IsTitle(r)
}

// ignorable reports whether r does not count when the end of a word is found.
func ignorable(r rune) bool {
	return strings.ContainsRune("'.:·’‘․‧", r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
