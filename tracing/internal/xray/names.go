package xray

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// appendName appends name as a JSON string without the characters that the name of a
// segment must not have, and at most 200 of the others; "span" where none are left.
func appendName(dst []byte, name string) []byte {
	dst = append(dst, '"')
	start, n := len(dst), 0
	for i := 0; i < len(name) && n < maxName; {
		if c := name[i]; c < utf8.RuneSelf {
			if plainName(c) {
				dst = append(dst, c)
				n++
			} else if c == '\\' {
				dst = append(dst, `\\`...)
				n++
			} else if '\t' <= c && c <= '\r' { // white space, which is legal, but not as it stands
				dst = append(dst, ' ')
				n++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(name[i:])
		if (r != utf8.RuneError || size > 1) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSpace(r)) {
			if unicode.IsSpace(r) {
				dst = append(dst, ' ')
			} else {
				dst = append(dst, name[i:i+size]...)
			}
			n++
		}
		i += size
	}
	if len(dst) == start {
		dst = append(dst, "span"...)
	}
	return append(dst, '"')
}

func plainName(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case ' ', '_', '.', ':', '/', '%', '&', '#', '=', '+', '-', '@':
		return true
	}
	return false
}

// Key returns key as an annotation's key: letters and digits of ASCII and underscores,
// which take the place of all other characters.
func Key(key string) attribute.Key {
	key = cutKey(key)
	for i := range len(key) {
		if !plainKey(key[i]) {
			return attribute.Key(appendKey(make([]byte, 0, len(key)), key))
		}
	}
	return attribute.Key(key)
}

func appendKey(dst []byte, key string) []byte {
	for _, r := range cutKey(key) {
		if r < utf8.RuneSelf && plainKey(byte(r)) {
			dst = append(dst, byte(r))
		} else {
			dst = append(dst, '_')
		}
	}
	return dst
}

func plainKey(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// maxKey bounds the key of an annotation. (X-Ray, Segment documents)
const maxKey = 500

func cutKey(key string) string { return cutTo(key, maxKey) }

func cutTo(s string, n int) string {
	if len(s) > n {
		return whole(s, n)
	}
	return s
}

// Short returns the beginning of s that a document could hold. It does not keep a longer s in
// memory.
func Short(s string) string {
	if len(s) <= MaxDocument {
		return s
	}
	return strings.Clone(whole(s, MaxDocument))
}
