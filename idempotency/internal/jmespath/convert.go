package jmespath

import (
	"math"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/canon"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

func (r *run) toString(v jsontree.Value) (jsontree.Value, error) {
	if v.Kind() == jsontree.String {
		return v, nil
	}
	if err := r.walk(v); err != nil {
		return null, err
	}
	text, ok := appendCanonical(nil, v)
	if !ok {
		return toStringFunction.inRange(null, false)
	}
	return jsontree.NewString(string(text)), r.madeText(len(text))
}

// appendCanonical appends the JSON text of a value with its numbers as RFC 8785 writes them:
// 100.00 and 100.0 are the same number, and must give the same key. It returns false for a
// number beyond the range of a double.
func appendCanonical(dst []byte, v jsontree.Value) ([]byte, bool) {
	ok := true
	dst = jsontree.AppendFunc(dst, v, func(dst []byte, number string) []byte {
		dst, err := canon.AppendNumber(dst, number)
		ok = ok && err == nil
		return dst
	})
	return dst, ok
}

// toNumber returns a number unchanged, and converts a string of decimal digits. It accepts the
// strings that the libraries for Python and TypeScript both accept, which are more than JSON's
// grammar: white space around the number, a plus sign, leading zeros, and no digits on one side
// of the point. Infinities and other bases are not numbers.
func toNumber(v jsontree.Value) jsontree.Value {
	switch v.Kind() {
	case jsontree.Number:
		return v
	case jsontree.String:
		return parseNumber(strings.Trim(v.Text(), " \t\n\r\v\f"))
	}
	return null
}

func parseNumber(text string) jsontree.Value {
	digits := text
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		digits = text[1:]
	}
	whole := countDigits(digits)
	if whole > 0 && whole == len(digits) {
		literal := strings.TrimLeft(digits[:whole-1], "0") + digits[whole-1:]
		if negative && literal != "0" {
			literal = "-" + literal
		}
		return jsontree.NewNumber(literal)
	}

	rest := digits[whole:]
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		fraction = countDigits(rest[1:])
		rest = rest[1+fraction:]
	}
	if whole+fraction == 0 {
		return null
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
			rest = rest[1:]
		}
		exponent := countDigits(rest)
		if exponent == 0 {
			return null
		}
		rest = rest[exponent:]
	}
	if rest != "" {
		return null
	}
	f := float(text)
	if math.IsInf(f, 0) {
		return null
	}
	v, _ := floatValue(f)
	return v
}

// countDigits returns how many digits a string starts with.
func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
