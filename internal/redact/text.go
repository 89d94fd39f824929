package redact

import (
	"net/url"
	"strings"
)

// Text returns a text, such as the message of an error, without the credentials in its URLs and
// without the values of pairs such as password=x. It is fast for texts that cannot contain any.
func Text(s string) string { return text(s, 0) }

// maxDepth bounds the layers of percent-encoding that are decoded. [Mark] replaces what is deeper.
const maxDepth = 8

func text(s string, depth int) string {
	if depth > maxDepth {
		return Mark
	}
	if strings.Contains(s, "@") {
		s = withoutUsers(s)
	}
	return Pairs(s, Mark, textCredential, func(value string) string {
		return Escaped(value, func(plain string) string { return text(plain, depth+1) })
	})
}

func textCredential(name string, query bool) bool {
	if query {
		return Credential(name, InQuery)
	}
	return Credential(name, InText)
}

// ends are the bytes that end a URL, or a value, in a text.
const ends = " \t\r\n\"'`<>\\"

// withoutUsers removes user and password from every URL in s, and from connection strings such as
// user:password@tcp(host:3306)/name.
func withoutUsers(s string) string {
	const separator = "://"
	var b strings.Builder
	rest := s
	for next := strings.Index(rest, separator); next >= 0; {
		next += len(separator)
		b.WriteString(rest[:next])
		rest = rest[next:]
		end := len(rest)
		if next = strings.Index(rest, separator); next >= 0 {
			end = next
		}
		if i := strings.IndexAny(rest[:end], ends); i >= 0 {
			end = i
		}
		skip := userInfo(rest[:end])
		rest, next = rest[skip:], next-skip
	}
	b.WriteString(rest)
	return withoutPort(withoutNetwork(b.String()))
}

// withoutNetwork removes user:password@ from user:password@tcp(host:3306). The name of the network may be
// missing.
func withoutNetwork(s string) string {
	const maxUser = 256
	var b strings.Builder
	last := 0
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '@')
		if i < 0 {
			return b.String() + s[last:]
		}
		i += at
		at = i + 1
		network := at
		for network < len(s) && wordByte(s[network]) {
			network++
		}
		if network == len(s) || s[network] != '(' {
			continue
		}
		from := max(last, i-maxUser)
		from += strings.LastIndexAny(s[from:i], ends) + 1
		if strings.Contains(s[from:i], ":") {
			b.WriteString(s[last:from])
			last = at
		}
	}
}

// withoutPort removes the quoted port from an error message of net/url. If a password contains
// certain characters, net/url takes a part of it for a port.
func withoutPort(s string) string {
	const before = `invalid port ":`
	i := strings.Index(s, before)
	if i < 0 {
		return s
	}
	i += len(before)
	end := strings.IndexByte(s[i:], '"')
	if end < 0 {
		end = len(s) - i
	}
	return s[:i] + Mark + s[i+end:]
}

// Pairs replaces the values of pairs name=value in s by mark if secret returns true for the name. s
// may be a query, a form, a cookie or another text. query is true if the name follows "?", "&"
// or "#". nested returns the value of another pair without the secrets in it.
func Pairs(s, mark string, secret func(name string, query bool) bool, nested func(value string) string) string {
	var b strings.Builder
	last, end := 0, 0
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '=')
		if i < 0 {
			break
		}
		i += at
		at = i + 1
		start := nameStart(s, last, i)
		inside := at < end // this pair is part of the value of another pair
		if !inside {
			end = at + valueLen(s[at:])
		}
		value, to := "", end
		query := start > 0 && strings.IndexByte("?&#", s[start-1]) >= 0
		found := secret(s[start:i], query)
		if n := escapeLen(s[:start], s[start:i]); n > 0 && !found {
			found = secret(s[start+n:i], s[start:start+n] == "u0026")
		}
		if found {
			value, to = mark, max(end, at+quotedLen(s[at:]))
		} else if !inside {
			value = nested(s[at:end])
		} else {
			continue
		}
		if to == at || value == s[at:to] {
			continue
		}
		b.WriteString(s[last:at])
		b.WriteString(value)
		last, at, end = to, to, to
	}
	if last == 0 {
		return s
	}
	return b.String() + s[last:]
}

// nameStart returns the start of the name that ends at s[end]. It is at least from.
func nameStart(s string, from, end int) int {
	const maxLen = 256
	i := end
	for i > max(from, end-maxLen) && nameByte(s[i-1]) {
		i--
	}
	return i
}

// escapeLen returns the number of bytes at the start of name that are the rest of an escape sequence of
// JSON that begins before name: the n of \n, or the u0026 of an ampersand that encoding/json escapes.
func escapeLen(before, name string) int {
	switch {
	case !strings.HasSuffix(before, `\`):
		return 0
	case len(name) > len("u0026") && name[:3] == "u00":
		return len("u0026")
	case len(name) > 1 && strings.IndexByte("nrtbf", name[0]) >= 0:
		return 1
	}
	return 0
}

func nameByte(c byte) bool {
	return wordByte(c) || c == '-' || c == '.' || c == '%' || c == '[' || c == ']' || c == '$'
}

// valueLen returns the length of the value at the start of s.
func valueLen(s string) int {
	if n := strings.IndexAny(s, ends+"&;,#)}"); n >= 0 {
		return n
	}
	return len(s)
}

// quotedLen returns the length of the quoted value at the start of s; 0 if s does not begin with a
// quotation mark.
func quotedLen(s string) int {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return 0
	}
	if n := strings.IndexByte(s[1:], s[0]); n >= 0 {
		return n + 2
	}
	return 1 + valueLen(s[1:])
}

// Escaped applies clean to the decoded form of a percent-encoded text, such as a URL in the query of
// another URL, or JSON in a form. It returns the result encoded again.
func Escaped(s string, clean func(string) string) string {
	if !mayHoldSecret(s) {
		return s
	}
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	if cleaned := clean(plain); cleaned != plain {
		return url.QueryEscape(cleaned)
	}
	return s
}

// mayHoldSecret reports whether a percent-encoded text has an encoded "=", "@" or quotation mark.
func mayHoldSecret(s string) bool {
	for rest := s; ; {
		i := strings.IndexByte(rest, '%')
		if i < 0 || len(rest) < i+3 {
			return false
		}
		switch rest[i+1 : i+3] {
		case "3D", "3d", "40", "22", "25":
			return true
		}
		rest = rest[i+1:]
	}
}
