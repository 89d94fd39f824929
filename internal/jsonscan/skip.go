package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// Skip returns the index after the value that starts at text[i]. It reports false at the end of
// text and at a delimiter. It does not validate the value.
func Skip(text []byte, i int) (int, bool) {
	if i >= len(text) {
		return 0, false
	}
	switch text[i] {
	case '"':
		return skipString(text, i)
	case '{', '[':
		for depth := 0; i < len(text); {
			switch structure[text[i]] {
			case quote:
				end, ok := skipString(text, i)
				if !ok {
					return 0, false
				}
				i = end
				continue
			case open:
				depth++
			case closing:
				if depth--; depth == 0 {
					return i + 1, true
				}
			}
			i++
		}
		return 0, false
	}
	start := i
	for i < len(text) && !isDelimiter(text[i]) {
		i++
	}
	return i, i > start
}

// structure says what a byte outside strings means for the nesting.
var structure = [256]uint8{'"': quote, '{': open, '[': open, '}': closing, ']': closing}

const (
	quote = 1 + iota
	open
	closing
)

func isDelimiter(c byte) bool {
	switch c {
	case ',', ':', ']', '}', '[', '{', '"', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

// skipString returns the index after the string that starts at text[i].
func skipString(text []byte, i int) (int, bool) {
	for i++; i < len(text); {
		if len(text)-i >= 8 {
			w := binary.LittleEndian.Uint64(text[i:])
			n := bits.TrailingZeros64(zeros(w^eachByte*'"')|zeros(w^eachByte*'\\')) / 8
			if i += n; n == 8 {
				continue
			}
		}
		switch text[i] {
		case '\\':
			i += 2
		case '"':
			return i + 1, true
		default: // among the last seven bytes
			i++
		}
	}
	return 0, false
}

// eachByte times a byte is a word of eight such bytes.
const eachByte = 0x0101010101010101

// highBits has the highest bit of each byte of a word.
const highBits = eachByte * 0x80

// zeros sets the highest bit of the bytes of w that are zero. Bytes above the first zero may be wrong.
func zeros(w uint64) uint64 { return (w - eachByte) &^ w & highBits }

// skipSpace returns the index of the first byte from i on that is not white space.
func skipSpace(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}
