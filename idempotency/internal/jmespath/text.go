package jmespath

import (
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// isStart reports whether a byte of WTF-8 is the first of a code point.
func isStart(c byte) bool { return c&0xc0 != 0x80 }

// codePoints counts code points, lone surrogates among them.
func codePoints(s string) int {
	n := 0
	for i := range len(s) {
		if isStart(s[i]) {
			n++
		}
	}
	return n
}

// reverseText reverses the order of code points.
func reverseText(s string) string {
	out := make([]byte, 0, len(s))
	for stop := len(s); stop > 0; {
		start := stop - 1
		for start > 0 && !isStart(s[start]) {
			start--
		}
		out = append(out, s[start:stop]...)
		stop = start
	}
	return pairSurrogates(string(out))
}

func (r *run) join(separator string, parts []jsontree.Value) (jsontree.Value, error) {
	size := 0
	for i := range parts {
		size += len(parts[i].Text()) + len(separator)
	}
	if err := r.madeText(size); err != nil {
		return null, err
	}
	var out strings.Builder
	out.Grow(size)
	for i := range parts {
		if i > 0 {
			out.WriteString(separator)
		}
		out.WriteString(parts[i].Text())
	}
	return jsontree.NewString(pairSurrogates(out.String())), nil
}

// pairSurrogates replaces each high surrogate that now stands before a low one with the character
// that they encode, as JSON text does.
func pairSurrogates(s string) string {
	var out []byte
	done := 0 // how much of s is in out
	for i := 0; ; i += 3 {
		next := strings.IndexByte(s[i:], 0xed)
		if next < 0 || i+next+6 > len(s) {
			break
		}
		i += next
		high, low := s[i:i+3], s[i+3:i+6]
		if high[1]>>4 != 0xa || low[0] != 0xed || low[1]>>4 != 0xb {
			continue
		}
		r := rune(high[1]&0xf)<<16 | rune(high[2]&0x3f)<<10 | rune(low[1]&0xf)<<6 | rune(low[2]&0x3f)
		out = utf8.AppendRune(append(out, s[done:i]...), r+0x10000)
		i += 3
		done = i + 3
	}
	if done == 0 {
		return s
	}
	return string(append(out, s[done:]...))
}

// contains reports whether an array has an element that is equal, or a string this part.
func (r *run) contains(subject, search jsontree.Value) (jsontree.Value, error) {
	if subject.Kind() == jsontree.String {
		part := search.Kind() == jsontree.String && strings.Contains(subject.Text(), search.Text())
		return jsontree.NewBool(part), nil
	}
	for _, e := range subject.Elements() {
		if same, err := r.equal(e, search); err != nil || same {
			return jsontree.NewBool(same), err
		}
	}
	return jsontree.NewBool(false), nil
}
