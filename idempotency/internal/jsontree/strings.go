package jsontree

import "unicode/utf8"

// string reads a string, whose opening quote is next. The text is known to be UTF-8.
func (p *parser) string() (string, error) {
	p.pos++
	start := p.pos
	for ; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == '"':
			s := p.text[start:p.pos]
			p.pos++
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.fail(p.pos, "control character in a string")
		}
	}
	return "", p.unexpected("")
}

// escaped reads the rest of a string that started at start, from its first escape on.
func (p *parser) escaped(start int) (string, error) {
	buf := append(make([]byte, 0, p.pos-start+32), p.text[start:p.pos]...)
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		p.pos++
		switch {
		case c == '"':
			return string(buf), nil
		case c < ' ':
			return "", p.fail(p.pos-1, "control character in a string")
		case c != '\\':
			buf = append(buf, c)
		default:
			var ok bool
			if buf, ok = p.escape(buf); !ok {
				return "", p.unexpected("invalid escape")
			}
		}
	}
	return "", p.unexpected("")
}

// escape appends what one escape stands for. The backslash has been read.
func (p *parser) escape(buf []byte) ([]byte, bool) {
	if p.pos >= len(p.text) {
		return buf, false
	}
	c := p.text[p.pos]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, ok := hex4(p.text, p.pos+1)
		if !ok {
			return buf, false
		}
		p.pos += 5
		if isHigh(r) && p.pos+1 < len(p.text) && p.text[p.pos] == '\\' && p.text[p.pos+1] == 'u' {
			if low, ok := hex4(p.text, p.pos+2); ok && isLow(low) {
				p.pos += 6
				r = (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
			}
		}
		return appendCodePoint(buf, r), true
	default:
		return buf, false
	}
	p.pos++
	return append(buf, c), true
}

func isHigh(r rune) bool { return r>>10 == 0xd800>>10 }
func isLow(r rune) bool  { return r>>10 == 0xdc00>>10 }

// appendCodePoint appends a code point in UTF-8, or a surrogate as its three bytes of
// generalized UTF-8, which utf8.AppendRune would replace with U+FFFD.
func appendCodePoint(buf []byte, r rune) []byte {
	if isHigh(r) || isLow(r) {
		return append(buf, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0xbf)
	}
	return utf8.AppendRune(buf, r)
}

// hex4 reads the four hexadecimal digits at an offset of the text.
func hex4(text string, at int) (rune, bool) {
	if at+4 > len(text) {
		return 0, false
	}
	r := rune(0)
	for _, c := range []byte(text[at : at+4]) {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
