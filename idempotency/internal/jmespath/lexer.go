package jmespath

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// maxTokens bounds an expression: parser and interpreter call themselves at most a few
// times for each token, which bounds the stack that they need.
const maxTokens = 4096

type lexer struct {
	text  string
	pos   int
	forms []form
}

// lex returns the tokens of an expression and the forms among its literals. The last token
// is of the kind end.
func lex(text string) ([]token, []form, error) {
	x := lexer{text: text}
	if !utf8.ValidString(text) {
		return nil, nil, x.fail(0, "expected UTF-8")
	}
	var tokens []token
	for {
		t, err := x.next()
		if err != nil {
			return nil, nil, err
		}
		tokens = append(tokens, t)
		if t.kind == end {
			return tokens, x.forms, nil
		}
		if len(tokens) > maxTokens {
			return nil, nil, x.fail(t.offset, "expected at most "+strconv.Itoa(maxTokens)+" tokens")
		}
	}
}

func (x *lexer) fail(offset int, problem string) error {
	return &SyntaxError{Expression: x.text, Offset: offset, Problem: problem}
}

// take consumes c if it is next.
func (x *lexer) take(c byte) bool {
	if x.pos < len(x.text) && x.text[x.pos] == c {
		x.pos++
		return true
	}
	return false
}

// either returns yes if c is next, and goes past it, and no otherwise.
func (x *lexer) either(c byte, yes, no kind) kind {
	if x.take(c) {
		return yes
	}
	return no
}

func (x *lexer) next() (token, error) {
	for x.pos < len(x.text) && isSpace(x.text[x.pos]) {
		x.pos++
	}
	t := token{offset: x.pos}
	if x.pos == len(x.text) {
		return t, nil
	}
	c := x.text[x.pos]
	x.pos++
	switch c {
	case '"', '\'', '`':
		return x.delimited(t, c)
	case '.':
		t.kind = dot
	case '*':
		t.kind = star
	case '[':
		if t.kind = x.either(']', flattener, openBracket); t.kind == openBracket {
			t.kind = x.either('?', filterer, openBracket)
		}
	case ']':
		t.kind = closeBracket
	case '{':
		t.kind = openBrace
	case '}':
		t.kind = closeBrace
	case '(':
		t.kind = openParen
	case ')':
		t.kind = closeParen
	case ',':
		t.kind = comma
	case ':':
		t.kind = colon
	case '|':
		t.kind = x.either('|', oror, pipe)
	case '&':
		t.kind = x.either('&', andand, ampersand)
	case '!':
		t.kind = x.either('=', unequal, not)
	case '<':
		t.kind = x.either('=', lessEqual, less)
	case '>':
		t.kind = x.either('=', greaterEqual, greater)
	case '@':
		t.kind = current
	case '=':
		if !x.take('=') {
			return t, x.fail(t.offset, `expected "==", found "="`)
		}
		t.kind = equal
	default:
		return x.word(t, c)
	}
	return t, nil
}

// word reads the identifier or number that starts with c.
func (x *lexer) word(t token, c byte) (token, error) {
	switch {
	case isDigit(c) || c == '-' && x.pos < len(x.text) && isDigit(x.text[x.pos]):
		t.kind = number
		for x.pos < len(x.text) && isDigit(x.text[x.pos]) {
			x.pos++
		}
	case isLetter(c):
		t.kind = identifier
		for x.pos < len(x.text) && (isLetter(x.text[x.pos]) || isDigit(x.text[x.pos])) {
			x.pos++
		}
	default:
		r, _ := utf8.DecodeRuneInString(x.text[t.offset:])
		return t, x.fail(t.offset, "expected a token, found "+strconv.QuoteRune(r))
	}
	t.text = x.text[t.offset:x.pos]
	return t, nil
}

// delimited reads a quoted identifier, raw string or literal. Its first delimiter has been
// read.
func (x *lexer) delimited(t token, delimiter byte) (token, error) {
	start := x.pos
	for x.pos < len(x.text) && x.text[x.pos] != delimiter {
		if x.text[x.pos] == '\\' {
			x.pos++
		}
		x.pos++
	}
	if x.pos >= len(x.text) {
		return t, x.fail(t.offset, "expected a closing "+string(delimiter)+", found end of expression")
	}
	content := x.text[start:x.pos]
	x.pos++

	switch delimiter {
	case '\'':
		// The delimiter is the one thing that a backslash escapes in a raw string.
		t.kind, t.value = literal, jsontree.NewString(strings.ReplaceAll(content, `\'`, `'`))
		if strings.Count(content, `\'`) > 1 {
			x.forms = append(x.forms, escapedDelimitersForm)
		}
	case '"':
		name, err := jsontree.ParseString(x.text[t.offset:x.pos])
		if err != nil {
			return t, x.fail(t.offset, "expected a JSON string as quoted identifier")
		}
		t.kind, t.text = quoted, name.Text()
	default:
		content = strings.ReplaceAll(content, "\\`", "`")
		value, err := jsontree.ParseString(content)
		if err != nil {
			// Before raw strings were in the language, a literal could be a JSON string without
			// its quotes, and every library still takes those.
			x.forms = append(x.forms, bareLiteralForm)
			value, err = jsontree.ParseString(`"` + strings.TrimLeft(content, " \t\n\r\v\f") + `"`)
		}
		if err != nil {
			return t, x.fail(t.offset, "expected JSON as literal")
		}
		t.kind, t.value = literal, value
	}
	return t, nil
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
