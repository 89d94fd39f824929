package logging

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
)

const (
	// minBase64 is the least length of a text that may be base64.
	minBase64 = 8

	// maxInflated bounds the bytes of all compressed texts of a line. CloudWatch Logs sends up to
	// 1 MB to a function in one event.
	maxInflated = 4 << 20

	// tooLarge replaces compressed texts beyond maxInflated, because they may hold secrets.
	tooLarge = "[left out: it is too large to be redacted]"
)

// base64 returns a text in base64 without the secrets in it, such as the body of an HTTP request or
// the data of a record. The data may be compressed by gzip, as those of CloudWatch Logs are; if they
// hold a secret, the result is not compressed. ok is false if s is not in base64. Binary data are
// searched, too, because a text may have an odd byte.
func (c *cleaner) base64(s string, depth int) (cleaned string, ok bool) {
	code, data := decodeBase64(s)
	if data == nil {
		return "", false
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b, 8}) {
		text, ok := c.inflate(data)
		if !ok {
			return tooLarge, true
		}
		if cleaned := c.string(text, depth+1, false); cleaned != text {
			return code.EncodeToString([]byte(cleaned)), true // a compressor would add 60 KB to the binary
		}
		return s, true
	}
	text := string(data)
	if cleaned := c.string(text, depth+1, false); cleaned != text {
		return code.EncodeToString([]byte(cleaned)), true
	}
	return s, true
}

// base64Byte reports whether base64 contains c, in the usual alphabet or in the one of URLs.
func base64Byte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
}

func lineBreak(c byte) bool { return c == '\r' || c == '\n' }

// decodeBase64 returns the data that s encodes, and the encoding. The end of s may be cut, and s may
// have line breaks. The data are nil if s is not base64.
func decodeBase64(s string) (*base64.Encoding, []byte) {
	s = strings.TrimSuffix(s, cutMark)
	if len(s) < minBase64 {
		return nil, nil
	}
	urls, breaks := false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case lineBreak(c):
			breaks++
		case !base64Byte(c):
			return nil, nil
		case c == '-' || c == '_':
			urls = true
		}
	}
	code, raw := base64.StdEncoding, base64.RawStdEncoding
	if urls {
		code, raw = base64.URLEncoding, base64.RawURLEncoding
	}
	plain := strings.TrimRight(s, "=\r\n")
	padded := strings.IndexByte(s[len(plain):], '=') >= 0
	if breaks > 0 {
		plain = strings.NewReplacer("\r", "", "\n", "").Replace(plain)
	}
	if len(plain)%4 == 1 { // cut
		plain = plain[:len(plain)-1]
	}
	data, err := raw.DecodeString(plain)
	if err != nil {
		return nil, nil
	}
	if !padded && (urls || len(plain)%4 != 0) {
		code = raw
	}
	return code, data
}

// inflate returns data decompressed. The end may be cut. ok is false if the text is too large.
func (c *cleaner) inflate(data []byte) (text string, ok bool) {
	const start = 4 << 10 // the cost of a text, in bytes
	if c.inflated += start; c.inflated > maxInflated {
		return "", false
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", true
	}
	b, _ := io.ReadAll(io.LimitReader(r, int64(maxInflated-c.inflated+1)))
	c.inflated += len(b)
	return string(b), c.inflated <= maxInflated
}
