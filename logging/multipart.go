package logging

import "strings"

// formData precedes the name of a part of a form of type multipart/form-data.
const formData = "form-data; name="

// multipart removes secrets from a form of type multipart/form-data.
func (c *cleaner) multipart(s string) string {
	var b strings.Builder
	rest := s
	for {
		i := strings.Index(rest, formData)
		if i < 0 {
			break
		}
		i += len(formData)
		b.WriteString(rest[:i])
		rest = rest[i:]
		if !c.pair(partName(rest), true) {
			continue
		}
		start := afterBlankLine(rest)
		if start < 0 {
			break
		}
		end := strings.Index(rest[start:], "\n--")
		if end < 0 {
			end = len(rest) - start
		}
		b.WriteString(rest[:start])
		b.WriteString(redacted)
		rest = rest[start+end:]
	}
	return b.String() + rest
}

// partName returns the name at the start of s. It may be quoted.
func partName(s string) string {
	const maxLen = 256
	s = s[:min(len(s), maxLen)]
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		name, _, _ := strings.Cut(quoted, `"`)
		return name
	}
	if end := strings.IndexAny(s, "; \t\r\n"); end >= 0 {
		return s[:end]
	}
	return s
}

// afterBlankLine returns the index behind the first blank line of s; -1 if there is none.
func afterBlankLine(s string) int {
	for at := 0; ; {
		i := strings.IndexByte(s[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
		if rest := strings.TrimPrefix(s[at:], "\r"); strings.HasPrefix(rest, "\n") {
			return len(s) - len(rest) + 1
		}
	}
}
