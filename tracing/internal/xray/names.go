package xray

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// appendName appends name as a JSON string of at most 200 characters. It leaves out the
// characters that X-Ray does not allow in names. If no character is left, the name is "span".
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
			} else if '\t' <= c && c <= '\r' { // X-Ray allows white space, but JSON not these bytes
				dst = append(dst, ' ')
				n++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(name[i:])
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSpace(r) {
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

// Key returns key as the key of an annotation, which has only ASCII letters, digits and
// underscores. Each other character becomes an underscore.
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

// maxKey is the longest key of an annotation in bytes. (X-Ray, Segment documents)
const maxKey = 500

func cutKey(key string) string { return cutTo(key, maxKey) }

func cutTo(s string, n int) string {
	if len(s) > n {
		return whole(s, n)
	}
	return s
}

// Short returns at most the first MaxDocument bytes of s. The result does not keep a longer s in
// memory.
func Short(s string) string {
	if len(s) <= MaxDocument {
		return s
	}
	return strings.Clone(whole(s, MaxDocument))
}
