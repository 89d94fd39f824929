// Package encoded decodes strings as powertools_base64 and powertools_base64_gzip do.
package encoded

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxInflated is the most that a string is inflated to, since some kilobytes can hold
// gigabytes: the size of the largest event of Lambda, which is more than the batches that
// CloudWatch Logs sends have.
const maxInflated = 6 << 20

// maxRatio is how much larger than its data the text of deflate can be.
const maxRatio = 1032

var (
	errASCII    = errors.New("expected base64, found characters that are not ASCII")
	errPadding  = errors.New("expected base64 with its padding")
	errGzip     = errors.New("expected gzip")
	errTooLarge = errors.New("expected at most 6 MB of decompressed data")
	errText     = errors.New("expected UTF-8 as decoded data")
	errMark     = errors.New("expected decoded data without a byte order mark")
)

// Base64 decodes s as Python's base64.b64decode does: it ignores characters that are not in the
// standard alphabet, and ends at the padding, which is required. none reports that s has
// characters, but none of base64. The libraries for Python and TypeScript find no key in it.
func Base64(s string) (decoded string, none bool, err error) {
	b, none, err := decode(s)
	if err != nil || none {
		return "", none, err
	}
	decoded, err = text(b)
	return decoded, false, err
}

// Base64Gzip decodes and inflates s; what decodes to nothing needs no inflating. It allocates
// little more than the result takes, and little for data that are too large.
func Base64Gzip(s string) (inflated string, none bool, err error) {
	b, none, err := decode(s)
	if len(b) == 0 {
		return "", none, err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return "", false, errGzip
	}
	var out strings.Builder
	var to io.Writer = &out
	if size := lastSize(b); size > maxInflated {
		to = io.Discard // it is only read to tell whether it is gzip at all
	} else {
		out.Grow(min(size, len(b)*maxRatio))
	}
	switch n, err := io.Copy(to, io.LimitReader(z, maxInflated+1)); {
	case err != nil:
		return "", false, errGzip
	case n > maxInflated:
		return "", false, errTooLarge
	case !utf8.ValidString(out.String()):
		return "", false, errText
	}
	return out.String(), false, nil
}

// lastSize returns the size that gzip notes at the end of each of its members. Most data has one
// member. The header of a member has ten bytes.
func lastSize(b []byte) int {
	return int(binary.LittleEndian.Uint32(b[len(b)-4:]))
}

func decode(s string) (b []byte, none bool, err error) {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return nil, false, errASCII
		}
	}
	b = make([]byte, 0, len(s)/4*3+2)
	var bits uint32
	count, pads := 0, 0
	for i := range len(s) {
		c := s[i]
		if c == '=' {
			if pads++; count%4 >= 2 && count%4+pads >= 4 {
				return b, false, nil
			}
			continue
		}
		value, ok := sextet(c)
		if !ok {
			continue
		}
		pads = 0
		bits = bits<<6 | uint32(value)
		switch count++; count % 4 {
		case 2:
			b = append(b, byte(bits>>4))
		case 3:
			b = append(b, byte(bits>>2))
		case 0:
			b = append(b, byte(bits))
		}
	}
	if count%4 != 0 {
		return nil, false, errPadding
	}
	return b, count == 0 && s != "", nil
}

// sextet returns the six bits that a character of the alphabet stands for.
func sextet(c byte) (byte, bool) {
	switch {
	case 'A' <= c && c <= 'Z':
		return c - 'A', true
	case 'a' <= c && c <= 'z':
		return c - 'a' + 26, true
	case '0' <= c && c <= '9':
		return c - '0' + 52, true
	case c == '+':
		return 62, true
	case c == '/':
		return 63, true
	}
	return 0, false
}

func text(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", errText
	}
	if bytes.HasPrefix(b, []byte("\uFEFF")) {
		// TypeScript's library removes it and Python's does not: they would have two keys.
		return "", errMark
	}
	return string(b), nil
}
