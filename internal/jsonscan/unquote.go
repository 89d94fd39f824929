package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendText appends the decoded text of a JSON string to dst. As encoding/json does, it replaces bytes
// that are not UTF-8, and halves of surrogate pairs, by U+FFFD. It reports false for any other value,
// and for a string with an invalid escape or a control character. The spare capacity of dst is
// overwritten, and must not be part of value.
func AppendText(dst, value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return dst, false
	}
	text := value[1 : len(value)-1]
	dst = slices.Grow(dst, len(text))
	for i := 0; i < len(text); {
		if len(text)-i >= 8 && cap(dst)-len(dst) >= 8 {
			// The bytes behind the plain ones are overwritten by what comes next.
			w := binary.LittleEndian.Uint64(text[i:])
			n := plainBytes(w)
			binary.LittleEndian.PutUint64(dst[len(dst):cap(dst)], w)
			dst = dst[:len(dst)+n]
			if i += n; n == 8 {
				continue
			}
		}
		switch c := text[i]; {
		case isPlain(c): // among the last bytes
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
	i := 0
	for ; len(text)-i >= 8; i += 8 {
		if n := plainBytes(binary.LittleEndian.Uint64(text[i:])); n < 8 {
			return i + n
		}
	}
	for i < len(text) && isPlain(text[i]) {
		i++
	}
	return i
}

// plainBytes returns the number of plain bytes at the start of the eight bytes of w.
func plainBytes(w uint64) int {
	control := (w - eachByte*' ') &^ w & highBits
	other := zeros(w^eachByte*'"') | zeros(w^eachByte*'\\') | control | w&highBits
	return bits.TrailingZeros64(other) / 8
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

// hex4 returns the value of the four hexadecimal digits at the start of text, or -1. text has at
// least four bytes.
func hex4(text []byte) rune {
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
