package cloudwatch

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// maxColumn is the length of a line up to which an object or an array stays on it.
const maxColumn = 120

// formatted returns v as JSON for people: members are sorted, and what fits stands on one line.
func formatted(v any) []byte {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("cloudwatch: encode a fragment: " + err.Error())
	}
	var b bytes.Buffer
	format(&b, bytes.TrimSpace(compact.Bytes()), "", 0)
	b.WriteByte('\n')
	return b.Bytes()
}

// format writes compact JSON after a text of some characters on its line.
func format(b *bytes.Buffer, text []byte, indent string, before int) {
	if text[0] != '{' && text[0] != '[' {
		b.Write(text)
		return
	}
	if flat := spaced(text); before+utf8.RuneCount(flat) <= maxColumn && (indent != "" || len(text) == 2) {
		b.Write(flat)
		return
	}
	inner := indent + "  "
	separator := "\n"
	element := func(key, value []byte) {
		b.WriteString(separator + inner)
		column := len(inner)
		if key != nil {
			b.Write(key)
			b.WriteString(": ")
			column += utf8.RuneCount(key) + 2
		}
		format(b, value, inner, column+1)
		separator = ",\n"
	}
	b.WriteByte(text[0])
	if text[0] == '{' {
		jsonscan.Members(text, func(key []byte, start, end int) bool { element(key, text[start:end]); return true })
	} else {
		jsonscan.Elements(text, func(start, end int) bool { element(nil, text[start:end]); return true })
	}
	b.WriteString("\n" + indent)
	b.WriteByte(text[len(text)-1])
}

// spaced returns compact JSON with a space after each colon and comma.
func spaced(text []byte) []byte {
	var b bytes.Buffer
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		b.WriteByte(c)
		switch {
		case inString && c == '\\':
			i++
			b.WriteByte(text[i])
		case c == '"':
			inString = !inString
		case !inString && strings.IndexByte(":,", c) >= 0:
			b.WriteByte(' ')
		}
	}
	return b.Bytes()
}
