package logging

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
	"github.com/lambdakit/lambdakit/internal/redact"
)

const (
	// maxNested bounds the layers of a text that are decoded: JSON in a string, base64, a form.
	// The event of an SQS queue with SNS notifications of an HTTP request has four.
	maxNested = 8

	// tooNested replaces texts with more layers, because they may hold secrets.
	tooNested = "[left out: it is nested too deep to be redacted]"
)

// cleaner removes secrets from JSON and from the texts in its strings: JSON again, base64, forms,
// query strings and cookies.
type cleaner struct {
	redact *redactor
	event  bool // remove the usual credentials, too
	limit  int  // bytes of output; the rest of the input is left out soon after

	inflated int // bytes of compressed texts so far
}

// member reports whether the value of a member is secret. text says that the value is a string,
// query that it is a parameter.
func (c *cleaner) member(name string, text, query bool) bool {
	if c.redact.match(name) {
		return true
	}
	if !c.event {
		return false
	}
	place := redact.InField
	if text {
		place |= redact.InString
	}
	if query {
		place |= redact.InQuery
	}
	return redact.Credential(name, place)
}

// pair reports whether the value in name=value is secret.
func (c *cleaner) pair(name string, query bool) bool {
	if strings.Contains(name, "%") {
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
	}
	if c.redact.match(name) {
		return true
	}
	if i := strings.LastIndexAny(name, ".[") + 1; i > 0 && c.redact.match(strings.TrimSuffix(name[i:], "]")) {
		return true // user.password, user[password]
	}
	place := redact.InText
	if query {
		place = redact.InQuery
	}
	return c.event && redact.Credential(name, place)
}

// json appends src, which is usually JSON, to dst. compact says that it leaves out white space
// between tokens, query that the members are parameters.
func (c *cleaner) json(dst, src []byte, depth int, compact, query bool) []byte {
	for i := 0; i < len(src) && len(dst) <= c.limit; {
		switch b := src[i]; {
		case b == '"':
			end, ok := jsonscan.Skip(src, i)
			if !ok {
				return c.unterminated(dst, src[i:], depth, query)
			}
			token := src[i:end]
			colon := space(src, end)
			if colon == len(src) || src[colon] != ':' {
				dst, i = c.text(dst, token, depth, query), end
				continue
			}
			value := space(src, colon+1)
			if compact {
				dst = append(append(dst, token...), ':')
			} else {
				dst = append(dst, src[i:value]...)
			}
			i = value
			name, _ := jsonscan.String(token)
			if value == len(src) {
				continue
			}
			isQuery := query || holdsQuery(name)
			switch {
			case c.member(name, src[value] == '"', query):
				dst = append(dst, `"`+redacted+`"`...)
				if i, ok = jsonscan.Skip(src, value); !ok {
					return dst
				}
			case isQuery != query && src[value] != '"':
				if end, ok = jsonscan.Skip(src, value); !ok {
					end = len(src)
				}
				dst, i = c.json(dst, src[value:end], depth, compact, true), end
			case src[value] == '"':
				if end, ok = jsonscan.Skip(src, value); !ok {
					return c.unterminated(dst, src[value:], depth, isQuery)
				}
				dst, i = c.text(dst, src[value:end], depth, isQuery), end
			}
		case compact && (b == ' ' || b == '\n' || b == '\t' || b == '\r'):
			i++
		default:
			dst = append(dst, b)
			i++
		}
	}
	return dst
}

// holdsQuery reports whether a member of that name holds the query of a URL:
// queryStringParameters, rawQueryString, querystring.
func holdsQuery(name string) bool { return strings.Contains(name, "uery") }

// text appends the JSON string token without the secrets in its text.
func (c *cleaner) text(dst, token []byte, depth int, query bool) []byte {
	if !mayHoldText(token) {
		return append(dst, token...)
	}
	cut := len(token) > 2*c.limit
	if cut { // the end is not written
		token = cutString(token, 2*c.limit)
	}
	s, ok := jsonscan.String(token)
	if !ok {
		return append(dst, token...)
	}
	if cleaned := c.string(s, depth+1, query); cleaned != s || cut {
		return jsonenc.AppendString(dst, cleaned)
	}
	return append(dst, token...)
}

// unterminated appends a JSON string that was cut.
func (c *cleaner) unterminated(dst, token []byte, depth int, query bool) []byte {
	whole := append(bytes.Clone(bytes.TrimRight(token, `\`)), '"')
	at := len(dst)
	dst = c.text(dst, whole, depth, query)
	if bytes.Equal(dst[at:], whole) {
		return append(dst[:at], token...)
	}
	return dst
}

// mayHoldText is a quick check for texts with names and values, and for base64.
func mayHoldText[T []byte | string](s T) bool {
	encoded := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '=' || c == '\\' || c == '%':
			return true
		case c == '"':
			if i > 0 && i < len(s)-1 { // not around a token
				return true
			}
		default:
			encoded = encoded && (base64Byte(c) || lineBreak(c))
		}
	}
	return encoded && len(s) >= minBase64
}

// string returns s without secrets. It returns s if there are none. query says that s is a query
// string.
func (c *cleaner) string(s string, depth int, query bool) string {
	if depth > maxNested {
		return tooNested
	}
	if !mayHoldText(s) {
		return s
	}
	if cleaned, ok := c.base64(s, depth); ok {
		return cleaned
	}
	whole := false // s is JSON
	if strings.IndexByte(s, '"') >= 0 && strings.IndexByte(s, ':') >= 0 || strings.HasPrefix(s, `"`) {
		whole = json.Valid([]byte(s))
		s = c.nestedJSON(s, depth)
	}
	if whole {
		return s
	}
	if strings.IndexByte(s, '=') < 0 {
		return c.value(s, depth)
	}
	query = query || !strings.ContainsAny(s, " \t\r\n\"'{}<>") // a form
	s = redact.Pairs(s, redacted,
		func(name string, inURL bool) bool { return c.pair(name, query || inURL) },
		func(value string) string { return c.value(value, depth) })
	if strings.Contains(s, formData) {
		s = c.multipart(s)
	}
	return s
}

// nestedJSON is json for a text inside a text. All of it is searched.
func (c *cleaner) nestedJSON(s string, depth int) string {
	limit := c.limit
	defer func() { c.limit = limit }()
	c.limit = max(limit, (2+len(redacted))*len(s))
	return string(c.json(nil, []byte(s), depth, false, false))
}

// value returns the value of a pair without secrets. It may be percent-encoded, or base64.
func (c *cleaner) value(s string, depth int) string {
	if cleaned, ok := c.base64(s, depth); ok {
		return cleaned
	}
	return redact.Escaped(s, func(plain string) string { return c.string(plain, depth+1, false) })
}

func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}
