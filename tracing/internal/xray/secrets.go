package xray

import "strings"

const redacted = "REDACTED"

// safeURL returns url without user information, and without the values of query
// parameters that sign or authorise a request.
func safeURL(url string) string {
	url = withoutUser(url)
	base, query, ok := strings.Cut(url, "?")
	if !ok {
		return url
	}
	query, fragment, hasFragment := strings.Cut(query, "#")
	var b strings.Builder
	b.WriteString(base)
	sep := byte('?')
	for pair := range strings.SplitSeq(query, "&") {
		b.WriteByte(sep)
		sep = '&'
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && credential(name) {
			b.WriteString(name + "=" + redacted)
		} else {
			b.WriteString(pair)
		}
	}
	if hasFragment {
		b.WriteString("#" + fragment)
	}
	return b.String()
}

// credential reports whether a query parameter of this name gives access to something.
func credential(name string) bool {
	switch strings.ToLower(name) {
	case "awsaccesskeyid", "signature", "sig", "x-goog-signature", // (OpenTelemetry, url.full)
		"x-amz-signature", "x-amz-security-token", "x-amz-credential",
		"access_token", "id_token", "refresh_token", "token", "api_key", "apikey", "key", "password", "secret", "client_secret", "code":
		return true
	}
	return false
}

// withoutUser returns a URL or connection string without user and password.
func withoutUser(s string) string {
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		authority := rest
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			authority = rest[:i]
		}
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			s = scheme + "://" + rest[i+1:]
		}
		return s
	}
	if !strings.Contains(s, "=") {
		return s
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == ' ' })
	for i, field := range fields {
		switch key, _, _ := strings.Cut(field, "="); strings.ToLower(key) {
		case "password", "pwd", "pass":
			fields[i] = key + "=" + redacted
		}
	}
	return strings.Join(fields, ";")
}
