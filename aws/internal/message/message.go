// Package message has the rules of SQS and SNS for messages.
package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// accepted reports whether a text may contain c. (SQS, SendMessageBatch; SNS FAQ)
func accepted(c rune) bool {
	return c == '\t' || c == '\n' || c == '\r' || ' ' <= c && c <= 0xD7FF || 0xE000 <= c && c <= 0xFFFD || c >= 0x10000
}

// Text returns s with U+FFFD in place of the characters that the services refuse.
func Text(s string) string {
	return strings.Map(func(c rune) rune {
		if !accepted(c) {
			return utf8.RuneError
		}
		return c
	}, s)
}

// JSON returns a JSON text that equals body and has no characters that the services refuse. Valid JSON
// has only two of them: U+FFFE and U+FFFF. They become escapes. Bytes that are not UTF-8 become
// U+FFFD, because the checksum of an SQS message would not fit them.
func JSON(body []byte) string {
	if utf8.Valid(body) && !bytes.Contains(body, []byte("\uFFFE")) && !bytes.Contains(body, []byte("\uFFFF")) {
		return string(body)
	}
	return escapes.Replace(strings.ToValidUTF8(string(body), "\uFFFD"))
}

var escapes = strings.NewReplacer("\uFFFE", `\ufffe`, "\uFFFF", `\uffff`)

// Attribute returns the number of bytes of a message attribute of the type String.
func Attribute(name, value string) int { return len(name) + len("String") + len(value) }

// Identifier returns s as a message group id or a deduplication id. They have 1 to 128 letters, digits
// and punctuation of ASCII. (SQS, SendMessageBatchRequestEntry; SNS, PublishBatchRequestEntry) Any
// other s becomes its SHA-256 hash in hexadecimal, so that different texts stay different. An empty
// s stays empty.
func Identifier(s string) string {
	if len(s) <= 128 && strings.IndexFunc(s, func(c rune) bool { return c <= ' ' || c > '~' }) < 0 {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
