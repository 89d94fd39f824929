// Package jsonscan reads JSON text without decoding it: it finds a value by its
// path and rewrites values in place. It allocates only where a key has escapes.
package jsonscan

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Step is one step of a path: a member's name, or an element's index.
type Step struct {
	Name    string
	Index   int // used where IsIndex
	IsIndex bool
}

// ParsePath parses a path such as requestContext.requestId,
// headers."x-amzn-trace-id" or Records[0].messageId.
func ParsePath(path string) ([]Step, error) {
	var steps []Step
	for rest := path; rest != "" || len(steps) == 0; {
		switch {
		case strings.HasPrefix(rest, "[") && rest != "[":
			text, after, ok := strings.Cut(rest[1:], "]")
			n, err := strconv.Atoi(text)
			if !ok || err != nil || n < 0 {
				return nil, fmt.Errorf("path %q: %q is not an index such as [0]", path, rest)
			}
			steps = append(steps, Step{Index: n, IsIndex: true})
			rest = after
		case strings.HasPrefix(rest, `"`):
			prefix, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("path %q: unterminated quotation mark", path)
			}
			name, _ := strconv.Unquote(prefix)
			steps = append(steps, Step{Name: name})
			rest = rest[len(prefix):]
		default:
			end := strings.IndexAny(rest, `.["`)
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return nil, fmt.Errorf("path %q: a name is missing", path)
			}
			steps = append(steps, Step{Name: rest[:end]})
			rest = rest[end:]
		}
		if after, ok := strings.CutPrefix(rest, "."); ok {
			if after == "" {
				return nil, fmt.Errorf("path %q: a name is missing at its end", path)
			}
			rest = after
		} else if rest != "" && rest[0] != '[' {
			return nil, fmt.Errorf("path %q: a dot is missing before %q", path, rest)
		}
	}
	return steps, nil
}

// Find returns the text of the value at path in the first value of text. It
// checks of text only what it passes.
func Find(text []byte, path []Step) ([]byte, bool) {
	i := space(text, 0)
	for _, step := range path {
		if i >= len(text) {
			return nil, false
		}
		var ok bool
		switch {
		case text[i] == '{' && !step.IsIndex:
			i, ok = member(text, i, step.Name)
		case text[i] == '[' && step.IsIndex:
			i, ok = element(text, i, step.Index)
		}
		if !ok {
			return nil, false
		}
	}
	end, ok := Skip(text, i)
	if !ok {
		return nil, false
	}
	return text[i:end], true
}

// String returns the text of a JSON string, decoded; of a number, as it stands.
func String(value []byte) (string, bool) {
	if len(value) == 0 {
		return "", false
	}
	switch c := value[0]; {
	case c == '"':
		return unquote(value)
	case c == '-' || c >= '0' && c <= '9':
		return string(value), true
	}
	return "", false
}

func unquote(value []byte) (string, bool) {
	inner := value[1 : len(value)-1]
	for _, c := range inner {
		if c == '\\' || c >= 0x80 || c < ' ' {
			var s string
			err := json.Unmarshal(value, &s)
			return s, err == nil
		}
	}
	return string(inner), true
}

func member(text []byte, i int, name string) (int, bool) {
	i = space(text, i+1)
	for i < len(text) && text[i] == '"' {
		end, ok := skipString(text, i)
		if !ok {
			return 0, false
		}
		key := text[i:end]
		if i = space(text, end); i >= len(text) || text[i] != ':' {
			return 0, false
		}
		i = space(text, i+1)
		if KeyIs(key, name) {
			return i, true
		}
		if i, ok = Skip(text, i); !ok {
			return 0, false
		}
		if i = space(text, i); i >= len(text) || text[i] != ',' {
			return 0, false
		}
		i = space(text, i+1)
	}
	return 0, false
}

// KeyIs compares the quoted key with name.
func KeyIs(key []byte, name string) bool {
	inner := key[1 : len(key)-1]
	if string(inner) == name {
		return true
	}
	for _, c := range inner {
		if c == '\\' {
			s, ok := unquote(key)
			return ok && s == name
		}
	}
	return false
}

func element(text []byte, i, index int) (int, bool) {
	i = space(text, i+1)
	for ; index > 0; index-- {
		var ok bool
		if i, ok = Skip(text, i); !ok {
			return 0, false
		}
		if i = space(text, i); i >= len(text) || text[i] != ',' {
			return 0, false
		}
		i = space(text, i+1)
	}
	return i, i < len(text) && text[i] != ']'
}

// Skip returns the index after the value that starts at text[i], and whether there
// is one. It does not validate what is inside.
func Skip(text []byte, i int) (int, bool) {
	if i >= len(text) {
		return 0, false
	}
	switch text[i] {
	case '"':
		return skipString(text, i)
	case '{', '[':
		for depth := 0; i < len(text); {
			switch text[i] {
			case '"':
				end, ok := skipString(text, i)
				if !ok {
					return 0, false
				}
				i = end
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1, true
				}
			}
			i++
		}
		return 0, false
	}
	start := i
	for i < len(text) && !isDelimiter(text[i]) {
		i++
	}
	return i, i > start
}

func isDelimiter(c byte) bool {
	switch c {
	case ',', ':', ']', '}', '[', '{', '"', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

func skipString(text []byte, i int) (int, bool) {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		}
	}
	return 0, false
}

func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// ErrSyntax says that a text is not JSON.
var ErrSyntax = errors.New("not valid JSON")

// Members calls yield with each member of the object that text is: its quoted key,
// and where its value starts and ends.
func Members(text []byte, yield func(key []byte, start, end int) bool) error {
	i := space(text, 0)
	if i >= len(text) || text[i] != '{' {
		return ErrSyntax
	}
	i = space(text, i+1)
	for i < len(text) && text[i] == '"' {
		end, ok := skipString(text, i)
		if !ok {
			return ErrSyntax
		}
		key := text[i:end]
		if i = space(text, end); i >= len(text) || text[i] != ':' {
			return ErrSyntax
		}
		start := space(text, i+1)
		if end, ok = Skip(text, start); !ok {
			return ErrSyntax
		}
		if !yield(key, start, end) {
			return nil
		}
		if i = space(text, end); i < len(text) && text[i] == ',' {
			i = space(text, i+1)
			continue
		}
		break
	}
	if i < len(text) && text[i] == '}' {
		return nil
	}
	return ErrSyntax
}

// Elements calls yield with where each element of the array that text is starts and ends.
func Elements(text []byte, yield func(start, end int) bool) error {
	i := space(text, 0)
	if i >= len(text) || text[i] != '[' {
		return ErrSyntax
	}
	i = space(text, i+1)
	for first := true; i < len(text) && (text[i] != ']' || !first); first = false {
		end, ok := Skip(text, i)
		if !ok {
			return ErrSyntax
		}
		if !yield(i, end) {
			return nil
		}
		if i = space(text, end); i >= len(text) || text[i] != ',' {
			break
		}
		i = space(text, i+1)
	}
	if i < len(text) && text[i] == ']' {
		return nil
	}
	return ErrSyntax
}

// AppendCompact appends the valid JSON text src to dst without the white space
// between its tokens. The value of every member whose name secret reports is
// replaced by the string replacement; secret may be nil.
func AppendCompact(dst, src []byte, secret func(name string) bool, replacement string) []byte {
	for i := 0; i < len(src); {
		switch c := src[i]; c {
		case ' ', '\n', '\t', '\r':
			i++
		case '"':
			end, ok := skipString(src, i)
			if !ok {
				return dst
			}
			dst = append(dst, src[i:end]...)
			key := src[i:end]
			i = end
			colon := space(src, i)
			if secret == nil || colon >= len(src) || src[colon] != ':' {
				continue
			}
			name, _ := unquote(key)
			if !secret(name) {
				continue
			}
			dst = append(dst, ':')
			dst = strconv.AppendQuote(dst, replacement)
			if i, ok = Skip(src, space(src, colon+1)); !ok {
				return dst
			}
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}
