// Package foreign encodes JSON values as the Powertools libraries of other languages do, so that
// digests are equal.
package foreign

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// AppendPython appends v as Python's json.dumps(v, sort_keys=True) does.
func AppendPython(dst []byte, v jsontree.Value) []byte {
	switch v.Kind() {
	case jsontree.Number:
		return appendPythonNumber(dst, v.Text())
	case jsontree.String:
		return appendPythonString(dst, v.Text())
	case jsontree.Array:
		dst = append(dst, '[')
		for i, e := range v.Elements() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = AppendPython(dst, e)
		}
		return append(dst, ']')
	case jsontree.Object:
		// Bytes of WTF-8 and code points, by which Python sorts, have the same order.
		members := slices.SortedFunc(slices.Values(v.Members()), func(a, b jsontree.Member) int { return strings.Compare(a.Name, b.Name) })
		dst = append(dst, '{')
		for i, m := range members {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(appendPythonString(dst, m.Name), ": "...)
			dst = AppendPython(dst, m.Value)
		}
		return append(dst, '}')
	}
	return jsontree.Append(dst, v) // null, true and false
}

// appendPythonNumber appends an int with all its digits, and a float as repr does.
func appendPythonNumber(dst []byte, literal string) []byte {
	if !strings.ContainsAny(literal, ".eE") {
		if literal == "-0" {
			literal = "0"
		}
		return append(dst, literal...)
	}
	f, _ := strconv.ParseFloat(literal, 64) // out of range: an infinity, as in Python
	if math.IsInf(f, 0) {
		if f < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "Infinity"...)
	}
	return AppendPythonFloat(dst, f)
}

// AppendPythonFloat appends a finite float as Python's repr writes it: the fewest digits that read
// back as the same float, an exponent below 1e-04 and from 1e+16 on, and always a fraction or an
// exponent.
func AppendPythonFloat(dst []byte, f float64) []byte {
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if !slices.Contains(dst[start:], '.') {
		dst = append(dst, ".0"...)
	}
	return dst
}

func appendPythonString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for c := range units(s) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			dst = appendEscape(dst, c)
		} else {
			dst = append(dst, byte(c))
		}
	}
	return append(dst, '"')
}
