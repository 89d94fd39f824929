// Package redact removes credentials from URLs, connection strings and other texts, such as the
// messages of errors. Packages logging and tracing use it.
//
// Other modules import this package, so it changes only by addition.
package redact

import "strings"

// Mark replaces a credential.
const Mark = "REDACTED"

// URL returns the URL u without user information. The values of parameters that sign or authorize a
// request become [Mark].
func URL(u string) string {
	u = withoutAuthority(u)
	base, fragment, hasFragment := strings.Cut(u, "#")
	base, query, hasQuery := strings.Cut(base, "?")
	if hasQuery {
		base += "?" + Query(query)
	}
	if hasFragment {
		base += "#" + Query(fragment)
	}
	return base
}

// Query is [URL] for a query or a fragment.
func Query(query string) string {
	if !strings.Contains(query, "=") {
		return query
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case value == "":
		case Credential(name, InQuery):
			pairs[i] = name + "=" + Mark
		default:
			pairs[i] = name + "=" + Escaped(value, Text)
		}
	}
	return strings.Join(pairs, "&")
}

// withoutAuthority removes user and password from a URL.
func withoutAuthority(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	return scheme + "://" + rest[userInfo(rest):]
}

// userInfo returns the length of the user information at the start of rest, including the @. rest is
// the part of a URL after "://".
func userInfo(rest string) int {
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		return i + 1
	}
	// A password may contain the characters that end an authority. A port is a number.
	if _, port, ok := strings.Cut(authority, ":"); ok && !strings.HasPrefix(rest, "[") && !digits(port) {
		return strings.LastIndexByte(rest, '@') + 1
	}
	return 0
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
