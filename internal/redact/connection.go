package redact

import "strings"

// Connection returns a connection string without its password. Most forms also lose the user.
func Connection(s string) string {
	if strings.Contains(s, "://") {
		return withoutPasswords(URL(s))
	}
	// user:password@tcp(host:3306)/name, the form of Go's MySQL driver
	if i := strings.LastIndexByte(s, '@'); i >= 0 && strings.Contains(s[:i], ":") {
		s = s[i+1:]
	}
	return withoutPasswords(s)
}

// passwords are the ends of the names of secret values in connection strings.
var passwords = []string{"password", "passwd", "pass", "pwd", "secret", "token", "accountkey", "accesskey", "apikey"}

// withoutPasswords replaces the values of pairs such as "password=x" by [Mark]. Semicolons or spaces
// separate the pairs. The values may be quoted.
func withoutPasswords(s string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(s); i++ {
		from := passwordAt(s, i)
		if from < 0 {
			continue
		}
		to := valueEnd(s, from)
		if to == from {
			continue
		}
		b.WriteString(s[last:from])
		b.WriteString(Mark)
		last, i = to, to-1
	}
	return b.String() + s[last:]
}

// passwordAt returns the start of the value if a pair with a password begins at s[i], else -1.
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
