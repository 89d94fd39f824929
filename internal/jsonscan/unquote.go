package jsonscan

import (
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
	for len(text) > 0 {
		n := plainLen(text)
		dst = append(dst, text[:n]...)
		if text = text[n:]; len(text) == 0 {
			break
		}
		switch c := text[0]; {
		case c == '\\':
			var ok bool
			if dst, text, ok = appendEscape(dst, text); !ok {
				return dst, false
			}
		case c < ' ' || c == '"':
			return dst, false
		default:
			r, size := utf8.DecodeRune(text)
			dst = utf8.AppendRune(dst, r)
			text = text[size:]
		}
	}
	return dst, true
}

// plainLen returns the length of the ASCII text without escapes at the start of text.
func plainLen(text []byte) int {
	for i, c := range text {
		if c == '\\' || c == '"' || c < ' ' || c >= utf8.RuneSelf {
			return i
		}
	}
	return len(text)
}

// appendEscape appends the character of the escape at the start of text.
func appendEscape(dst, text []byte) (out, rest []byte, ok bool) {
	if len(text) < 2 {
		return dst, text, false
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return append(dst, c), text[2:], true
	case 'b':
		return append(dst, '\b'), text[2:], true
	case 'f':
		return append(dst, '\f'), text[2:], true
	case 'n':
		return append(dst, '\n'), text[2:], true
	case 'r':
		return append(dst, '\r'), text[2:], true
	case 't':
		return append(dst, '\t'), text[2:], true
	case 'u':
		r := hex4(text[2:])
		if r < 0 {
			return dst, text, false
		}
		text = text[6:]
		if utf16.IsSurrogate(r) {
			second := rune(-1)
			if len(text) >= 6 && text[0] == '\\' && text[1] == 'u' {
				second = hex4(text[2:])
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				text = text[6:]
			}
		}
		return utf8.AppendRune(dst, r), text, true
	}
	return dst, text, false
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
