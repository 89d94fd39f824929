package insightstest

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is the kind of a token.
type kind int

const (
	end      kind = iota
	word          // a name without backticks, or a keyword
	quoted        // a name in backticks
	str           // a string
	number        // also a period, such as 5m
	regex         // between slashes
	operator      // everything else
)

type token struct {
	kind kind
	text string
}

// scan cuts a query into tokens.
func scan(query string) ([]token, error) {
	var list []token
	afterLike := false
	for i := 0; i < len(query); {
		r, n := utf8.DecodeRuneInString(query[i:])
		rest := query[i:]
		var t token
		switch {
		case r == utf8.RuneError && n == 1:
			return nil, fmt.Errorf("byte %d is not UTF-8", i)
		case unicode.IsSpace(r):
			i += n
			continue
		case r == '#' && strings.TrimSpace(query[strings.LastIndexByte(query[:i], '\n')+1:i]) == "":
			i += strings.IndexByte(rest+"\n", '\n')
			continue
		case r == '`':
			j := strings.IndexByte(rest[1:], '`')
			if j < 1 {
				return nil, fmt.Errorf("backticks at %d without a name or an end", i)
			}
			t = token{quoted, rest[:j+2]}
		case r == '"' || r == '\'':
			j := 1
			for j < len(rest) && rest[j] != byte(r) {
				if rest[j] == '\\' {
					j++
				}
				j++
			}
			if j >= len(rest) {
				return nil, fmt.Errorf("string at %d without an end", i)
			}
			t = token{str, rest[:j+1]}
		case r == '/' && afterLike:
			j := strings.IndexByte(rest[1:], '/')
			if j < 1 {
				return nil, fmt.Errorf("regular expression at %d without an end", i)
			}
			t = token{regex, rest[:j+2]}
		case isLetter(r) || r == '@':
			t = token{word, rest[:prefix(rest, func(r rune) bool { return isLetter(r) || isDigit(r) || r == '.' || r == '@' })]}
		case isDigit(r):
			t = token{number, rest[:prefix(rest, func(r rune) bool { return isLetter(r) || isDigit(r) || r == '.' })]}
		default:
			t = token{operator, string(r)}
			for _, two := range []string{"!=", "<=", ">=", "=~"} {
				if strings.HasPrefix(rest, two) {
					t.text = two
				}
			}
			if !strings.Contains("= != < <= > >= =~ + - * / ^ % ( ) [ ] , |", t.text) {
				return nil, fmt.Errorf("unexpected %q at %d", t.text, i)
			}
		}
		afterLike = t.kind == word && strings.EqualFold(t.text, "like") || t.text == "=~"
		list = append(list, t)
		i += len(t.text)
	}
	return append(list, token{kind: end}), nil
}

func isLetter(r rune) bool { return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func isDigit(r rune) bool  { return r >= '0' && r <= '9' }

func prefix(s string, ok func(rune) bool) int {
	if i := strings.IndexFunc(s, func(r rune) bool { return !ok(r) }); i >= 0 {
		return i
	}
	return len(s)
}
