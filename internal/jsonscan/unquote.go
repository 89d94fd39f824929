package jsonscan

import (
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendText appends the decoded text of a JSON string to dst. As encoding/json does, it replaces bytes
// that are not UTF-8, and halves of surrogate pairs, by U+FFFD. It reports false for any other value,
// and for a string with an invalid escape or a control character.
func AppendText(dst, value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return dst, false
	}
	text := value[1 : len(value)-1]
	dst = slices.Grow(dst, len(text))
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case isPlain(c):
			dst = append(dst, c)
			i++
		case c == '\\' && i+1 < len(text) && simpleEscapes[text[i+1]] != 0:
			dst = append(dst, simpleEscapes[text[i+1]])
			i += 2
		case c == '\\':
			r, n := unicodeEscape(text[i:])
			if n == 0 {
				return dst, false
			}
			dst = utf8.AppendRune(dst, r)
			i += n
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		default:
			return dst, false
		}
	}
	return dst, true
}

// isPlain reports whether a byte of a JSON string stands for itself.
func isPlain(c byte) bool { return c-' ' < utf8.RuneSelf-' ' && c != '"' && c != '\\' }

// simpleEscapes has the characters of the escapes with one letter.
var simpleEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// plainLen returns the length of the ASCII text without escapes at the start of text.
func plainLen(text []byte) int {
	for i, c := range text {
		if !isPlain(c) {
			return i
		}
	}
	return len(text)
}

// unicodeEscape returns the character of an escape such as \u00e9, or of two that are a surrogate pair,
// and the length of the escape; 0 if it is invalid.
func unicodeEscape(text []byte) (r rune, n int) {
	if len(text) < 6 || text[1] != 'u' {
		return 0, 0
	}
	if r = hex4(text[2:]); r < 0 {
		return 0, 0
	}
	n = 6
	if utf16.IsSurrogate(r) {
		second := rune(-1)
		if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
			second = hex4(text[8:])
		}
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			n = 12
		}
	}
	return r, n
}

// hex4 returns the value of the four hexadecimal digits at the start of text, or -1.
func hex4(text []byte) rune {
	if len(text) < 4 {
		return -1
	}
	var r rune
	for _, c := range text[:4] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}
