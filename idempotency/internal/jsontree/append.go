package jsontree

import (
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// Append appends the JSON text of a value to dst and returns the extended buffer: without
// white space, members in their order, numbers as they were written, strings as
// [AppendString] writes them. Parsing the text gives an equal tree.
func Append(dst []byte, v Value) []byte {
	if cap(dst) == 0 {
		dst = make([]byte, 0, size(v))
	}
	return AppendFunc(dst, v, appendText)
}

// size returns the size of the JSON text of a value without control characters.
func size(v Value) int {
	n := len("null,")
	switch v.kind {
	case Number:
		n = len(v.text) + 1
	case String:
		n = stringSize(v.text) + 1
	case Array:
		for _, e := range v.node.elements {
			n += size(e)
		}
	case Object:
		for i := range v.node.members {
			n += stringSize(v.node.members[i].Name) + 1 + size(v.node.members[i].Value)
		}
	}
	return n
}

func stringSize(s string) int { return len(s) + 2 + strings.Count(s, `"`) + strings.Count(s, `\`) }

func appendText(dst []byte, number string) []byte { return append(dst, number...) }

// AppendFunc does what [Append] does, with numbers as a function appends them.
func AppendFunc(dst []byte, v Value, number func(dst []byte, literal string) []byte) []byte {
	switch v.kind {
	case Bool:
		if v.truth {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case Number:
		return number(dst, v.text)
	case String:
		return AppendString(dst, v.text)
	case Array:
		dst = append(dst, '[')
		for i, e := range v.node.elements {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendFunc(dst, e, number)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i := range v.node.members {
			m := &v.node.members[i]
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendString(dst, m.Name)
			dst = append(dst, ':')
			dst = AppendFunc(dst, m.Value, number)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// AppendString appends the JSON text of a string in UTF-8 or WTF-8, quotes included. It
// escapes only the necessary characters, as JSON.stringify and RFC 8785 do: the quote,
// the backslash, control characters (\b \f \n \r \t, else \u00xx) and lone surrogates
// (\udxxx), in lower-case hexadecimal digits.
func AppendString(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xed {
			continue
		}
		width := 1
		if c == 0xed {
			// Code points from U+D800 to U+DFFF are the ones whose second byte is 0xA0 or more.
			if i+2 >= len(s) || s[i+1] < 0xa0 {
				continue
			}
			width = 3
		}
		dst = append(dst, s[start:i]...)
		if c == 0xed {
			low := uint(s[i+1]&0x3f)<<6 | uint(s[i+2]&0x3f)
			dst = append(dst, '\\', 'u', 'd', digits[low>>8], digits[low>>4&15], digits[low&15])
		} else {
			dst = jsonenc.AppendEscape(dst, c)
		}
		i += width - 1
		start = i + 1
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
