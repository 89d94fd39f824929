package otlp

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// The functions below are not inlined: inlining would make programs larger.

// Wire types. (Protocol Buffers, Encoding)
const (
	varint  = 0
	fixed64 = 1
	message = 2 // also strings and bytes
	fixed32 = 5
)

// tag returns the tag of a field whose number is at most 15.
func tag(field, wireType byte) byte { return field<<3 | wireType }

// begin appends the tag of a nested message. It returns the position of the message, for end.
//
//go:noinline
func begin(dst []byte, field byte) (out []byte, at int) {
	dst = append(dst, tag(field, message), 0)
	return dst, len(dst)
}

// end writes the length of the message that begins at a position. Most lengths need one byte, which
// begin left free. For a longer length, end moves the message.
//
//go:noinline
func end(dst []byte, at int) []byte {
	n := len(dst) - at
	if n < 0x80 {
		dst[at-1] = byte(n)
		return dst
	}
	var length [binary.MaxVarintLen64]byte
	more := binary.PutUvarint(length[:], uint64(n)) - 1
	dst = append(dst, length[:more]...) // room; the bytes are overwritten
	copy(dst[at+more:], dst[at:at+n])
	copy(dst[at-1:], length[:more+1])
	return dst
}

//go:noinline
func appendUint(dst []byte, field byte, v uint64) []byte {
	return binary.AppendUvarint(append(dst, tag(field, varint)), v)
}

// appendCount appends a number that is left out if it is zero.
//
//go:noinline
func appendCount(dst []byte, field byte, n int) []byte {
	if n <= 0 {
		return dst
	}
	return appendUint(dst, field, min(uint64(n), math.MaxUint32))
}

//go:noinline
func appendFixed64(dst []byte, field byte, v uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, tag(field, fixed64)), v)
}

//go:noinline
func appendBytes(dst []byte, field byte, v []byte) []byte {
	dst = binary.AppendUvarint(append(dst, tag(field, message)), uint64(len(v)))
	return append(dst, v...)
}

// appendText appends a string that is left out if it is empty.
//
//go:noinline
func appendText(dst []byte, field byte, s string) []byte {
	if s == "" {
		return dst
	}
	return appendString(dst, field, s)
}

// appendString appends a string. Each byte that is not UTF-8 becomes U+FFFD: decoders reject a
// request in which one string is invalid.
//
//go:noinline
func appendString(dst []byte, field byte, s string) []byte {
	if jsonenc.Plain(s) || utf8.ValidString(s) { // the first takes less for short texts
		dst = binary.AppendUvarint(append(dst, tag(field, message)), uint64(len(s)))
		return append(dst, s...)
	}
	dst, at := begin(dst, field)
	for _, r := range s {
		dst = utf8.AppendRune(dst, r)
	}
	return end(dst, at)
}
