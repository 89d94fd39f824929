package canon

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

var errText = errors.New("the JSON text has a string that is not Unicode")

// string writes the string at src[i], with the escapes that RFC 8785 wants and no others. It
// reports whether there may be any.
func (e *encoder) string() (escaped bool, err error) {
	start := e.i
	i := start + 1
	ascii := true
	for ; i < len(e.src); i++ {
		c := e.src[i]
		if c == '"' {
			if !ascii && !utf8.Valid(e.src[start:i]) {
				return false, errText
			}
			e.out = append(e.out, e.src[start:i+1]...)
			e.i = i + 1
			return false, nil
		}
		if c == '\\' || c < ' ' {
			break
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if i >= len(e.src) {
		return false, errTruncated
	}
	if !ascii && !utf8.Valid(e.src[start:i]) {
		return false, errText
	}
	e.out = append(e.out, e.src[start:i]...)
	e.i = i
	return true, e.escapes()
}

// escapes writes the rest of a string that has escapes.
func (e *encoder) escapes() error {
	for e.i < len(e.src) {
		switch c := e.src[e.i]; {
		case c == '"':
			e.out = append(e.out, '"')
			e.i++
			return nil
		case c < ' ':
			return e.unexpected()
		case c == '\\':
			r, err := e.escape()
			if err != nil {
				return err
			}
			e.out = appendRune(e.out, r)
		case c < utf8.RuneSelf:
			e.out = append(e.out, c)
			e.i++
		default:
			r, n := utf8.DecodeRune(e.src[e.i:])
			if r == utf8.RuneError && n == 1 {
				return errText
			}
			e.out = append(e.out, e.src[e.i:e.i+n]...)
			e.i += n
		}
	}
	return errTruncated
}

// escape reads the escape at src[i].
func (e *encoder) escape() (rune, error) {
	if e.i+1 >= len(e.src) {
		return 0, errTruncated
	}
	c := e.src[e.i+1]
	if c == 'u' {
		return e.unicode()
	}
	r, ok := short(c)
	if !ok {
		return 0, e.unexpected()
	}
	e.i += 2
	return r, nil
}

// short returns the character of the escape \c.
func short(c byte) (rune, bool) {
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// unicode reads \uXXXX at src[i], or two of them if they are a surrogate pair.
func (e *encoder) unicode() (rune, error) {
	r, ok := hex4(e.src[e.i+2:])
	if !ok {
		return 0, e.unexpected()
	}
	e.i += 6
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if len(e.src)-e.i >= 6 && e.src[e.i] == '\\' && e.src[e.i+1] == 'u' {
		if low, ok := hex4(e.src[e.i+2:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				e.i += 6
				return pair, nil
			}
		}
	}
	return 0, errText
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func appendRune(dst []byte, r rune) []byte {
	if r < ' ' || r == '"' || r == '\\' {
		return jsonenc.AppendEscape(dst, byte(r))
	}
	return utf8.AppendRune(dst, r)
}

// unescapeName removes the escapes from the canonical form of m's name.
func (e *encoder) unescapeName(m *member) {
	text := e.out[m.nameStart:m.nameEnd]
	m.escaped, m.nameStart = true, int32(len(e.names))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			i++
			if text[i] == 'u' {
				r, _ := hex4(text[i+1:])
				c = byte(r) // below U+0020
				i += 4
			} else {
				r, _ := short(text[i])
				c = byte(r)
			}
		}
		e.names = append(e.names, c)
	}
	m.nameEnd = int32(len(e.names))
}
