package jsonenc

import "unicode/utf8"

// AppendString appends s as a JSON string. It escapes what encoding/json escapes
// with HTML escaping off, and replaces each byte that is not valid UTF-8 by U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = AppendEscaped(dst, s)
	return append(dst, '"')
}

// AppendEscaped is AppendString without the quotation marks.
func AppendEscaped(dst []byte, s string) []byte {
	if Plain(s) {
		return append(dst, s...)
	}
	i := 0
	start := 0
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = AppendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case size == 1: // not UTF-8
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...) // the same text as for a valid U+FFFD
			start = i + 1
		case r == '\u2028' || r == '\u2029': // JavaScript and some log viewers take them for line ends
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hex[r&0xf])
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

const hex = "0123456789abcdef"

// AppendEscape appends the shortest escape of c, an ASCII byte that a JSON string must escape.
func AppendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

// Plain reports whether s is printable ASCII that needs no escape. It checks eight bytes at a
// time. The last eight may overlap the eight before them.
func Plain(s string) bool {
	n := len(s)
	switch {
	case n >= 8:
		for rest := s; len(rest) > 8; rest = rest[8:] {
			if special(firstEight(rest)) {
				return false
			}
		}
		return !special(firstEight(s[n-8:]))
	case n >= 4:
		return !special(firstFour(s) | firstFour(s[n-4:])<<32)
	case n > 0:
		return !special(oneToThree(s))
	}
	return true
}

const (
	ones   = 0x0101010101010101
	spaces = ones * ' '
)

// special reports whether x has a byte that is not ASCII, a control character, a quotation mark
// or a backslash. Each subtraction sets the highest bit of a byte that is too
// small, which is a control character or, after the xor, the character that is searched for.
// A borrow sets the highest bit of the next byte too, but only after a byte that is special.
func special(x uint64) bool {
	return (x|(x-spaces)|(x^ones*'"'-ones)|(x^ones*'\\'-ones))&(ones<<7) != 0
}

// firstEight returns the first eight bytes of s.
func firstEight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// firstFour returns the first four bytes of s.
func firstFour(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// oneToThree returns the bytes of s, which has one to three, and spaces.
func oneToThree(s string) uint64 {
	n := len(s)
	return spaces&^0xFFFFFF | uint64(s[0])<<16 | uint64(s[n/2])<<8 | uint64(s[n-1])
}
