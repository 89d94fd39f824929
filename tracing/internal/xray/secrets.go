package xray

import (
	"net/url"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

const redacted = "REDACTED"

// safeValue returns the value of an attribute that may hold credentials without them.
func safeValue(k kind, v attribute.Value) attribute.Value {
	if v.Type() != attribute.STRING {
		return v
	}
	switch k {
	case urlFull, httpTarget, messagingURL, awsQueueURL:
		return attribute.StringValue(safeURL(v.AsString()))
	case urlQuery:
		return attribute.StringValue(safePairs(v.AsString()))
	case databaseConnection:
		return attribute.StringValue(withoutUser(v.AsString()))
	}
	return v
}

// safeURL returns a URL without user information, and without the values of parameters
// that sign or authorise a request.
func safeURL(u string) string {
	u = withoutAuthority(u)
	base, fragment, hasFragment := strings.Cut(u, "#")
	base, query, hasQuery := strings.Cut(base, "?")
	if hasQuery {
		base += "?" + safePairs(query)
	}
	if hasFragment {
		base += "#" + safePairs(fragment)
	}
	return base
}

// safePairs is safeURL for a query.
func safePairs(query string) string {
	if !strings.Contains(query, "=") {
		return query
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, value, _ := strings.Cut(pair, "="); value != "" && credential(name) {
			pairs[i] = name + "=" + redacted
		}
	}
	return strings.Join(pairs, "&")
}

// credential reports whether a query parameter of this name gives access to something.
func credential(name string) bool {
	if strings.Contains(name, "%") {
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
	}
	switch strings.ToLower(name) {
	case "awsaccesskeyid", "signature", "sig", "x-goog-signature", // (OpenTelemetry, url.full)
		"x-amz-signature", "x-amz-security-token", "x-amz-credential",
		"access_token", "id_token", "refresh_token", "token", "api_key", "apikey", "key", "password", "pwd", "secret", "client_secret", "code":
		return true
	}
	return false
}

// withoutAuthority takes user and password out of a URL.
func withoutAuthority(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return scheme + "://" + rest[i+1:]
	}
	return s
}

// withoutUser returns a connection string without the password in it, and in most forms
// without the user.
func withoutUser(s string) string {
	if strings.Contains(s, "://") {
		return withoutPasswords(safeURL(s))
	}
	// user:password@tcp(host:3306)/name, as Go's MySQL driver has it
	if i := strings.LastIndexByte(s, '@'); i >= 0 && strings.Contains(s[:i], ":") {
		s = s[i+1:]
	}
	return withoutPasswords(s)
}

// passwords are the names that connection strings give to what must not be seen.
var passwords = []string{"password", "passwd", "pass", "pwd", "secret", "token", "accountkey", "accesskey", "sharedaccesskey", "apikey"}

// withoutPasswords takes the values out of pairs such as "password=x", separated by
// semicolons or by spaces, and quoted or not.
func withoutPasswords(s string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(s); i++ {
		if i > 0 && wordByte(s[i-1]) {
			continue
		}
		from := passwordAt(s, i)
		if from < 0 {
			continue
		}
		to := valueEnd(s, from)
		if to == from {
			continue
		}
		b.WriteString(s[last:from])
		b.WriteString(redacted)
		last, i = to, to-1
	}
	return b.String() + s[last:]
}

// passwordAt returns where the value of a pair that begins at s[i] begins; -1 where that is
// none of a password.
func passwordAt(s string, i int) int {
	for _, name := range passwords {
		end := i + len(name)
		if end > len(s) || !strings.EqualFold(s[i:end], name) {
			continue
		}
		for end < len(s) && s[end] == ' ' {
			end++
		}
		if end == len(s) || s[end] != '=' {
			continue
		}
		for end++; end < len(s) && s[end] == ' '; end++ {
		}
		return end
	}
	return -1
}

// valueEnd returns the end of the value that begins at s[i].
func valueEnd(s string, i int) int {
	if i == len(s) {
		return i
	}
	closing := map[byte]byte{'\'': '\'', '"': '"', '{': '}'}[s[i]]
	if closing != 0 {
		if n := strings.IndexByte(s[i+1:], closing); n >= 0 {
			return i + n + 2
		}
		return len(s)
	}
	ends := " \t\n"
	if strings.Contains(s, ";") {
		ends = ";"
	}
	if n := strings.IndexAny(s[i:], ends); n >= 0 {
		return i + n
	}
	return len(s)
}

func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
