package jmespath

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// maxDigits is how many digits an integer may have in a sum. It is Python's limit for parsing
// one, because the time grows faster than the number of digits.
const maxDigits = 4300

// isInteger reports whether a number's literal is an integer's: Python reads one that has a
// fraction or exponent as a float, even if its value is integral.
func isInteger(literal string) bool { return !strings.ContainsAny(literal, ".eE") }

// float returns the nearest float, which is infinite for a literal beyond the largest.
func float(literal string) float64 {
	f, _ := strconv.ParseFloat(literal, 64)
	return f
}

// compareNumbers compares the exact values: two integers beyond 2**53 that differ in the
// last digit are not equal, although their floats are.
func compareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	switch aInt, bInt := isInteger(a), isInteger(b); {
	case aInt && bInt:
		return compareIntegers(a, b)
	case aInt:
		return compareMixed(a, float(b))
	case bInt:
		return -compareMixed(b, float(a))
	}
	return cmp.Compare(float(a), float(b))
}

// compareIntegers compares by the digits, which have no leading zeros.
func compareIntegers(a, b string) int {
	a, b = plainZero(a), plainZero(b)
	aNegative, bNegative := a[0] == '-', b[0] == '-'
	if aNegative != bNegative {
		if aNegative {
			return -1
		}
		return 1
	}
	order := cmp.Compare(len(a), len(b))
	if order == 0 {
		order = strings.Compare(a, b)
	}
	if aNegative {
		return -order
	}
	return order
}

// plainZero returns "0" for "-0", which as an integer is the same.
func plainZero(integer string) string {
	if integer == "-0" {
		return "0"
	}
	return integer
}

func compareMixed(integer string, f float64) int {
	if math.IsInf(f, 0) {
		return cmp.Compare(0, f)
	}
	if len(integer) <= 15 || len(integer) > 400 {
		return cmp.Compare(float(integer), f) // the conversion is exact, or infinite
	}
	i, _ := new(big.Int).SetString(integer, 10)
	return new(big.Float).SetInt(i).Cmp(big.NewFloat(f))
}

// floatValue returns the number for a float, and false for infinities, which JSON has not.
func floatValue(f float64) (jsontree.Value, bool) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return null, false
	}
	return jsontree.NewNumber(string(foreign.AppendPythonFloat(nil, f))), true
}

// absolute returns the number without its sign.
func absolute(literal string) (jsontree.Value, bool) {
	if isInteger(literal) {
		return jsontree.NewNumber(strings.TrimPrefix(literal, "-")), true
	}
	return floatValue(math.Abs(float(literal)))
}

// round returns the integer that a rounding function makes of a number.
func round(literal string, up bool) (jsontree.Value, bool) {
	if isInteger(literal) {
		return jsontree.NewNumber(plainZero(literal)), true
	}
	f := math.Floor(float(literal))
	if up {
		f = math.Ceil(float(literal))
	}
	if math.IsInf(f, 0) {
		return null, false
	}
	i, _ := big.NewFloat(f).Int(nil)
	return jsontree.NewNumber(i.String()), true
}

// total is a sum of numbers: an integer of any size until the first float, as in Python.
type total struct {
	small   int64
	large   *big.Int // replaces small when that overflows
	float   float64
	isFloat bool
}

// add adds a number, and reports whether it could.
func (t *total) add(literal string) bool {
	if !t.isFloat && isInteger(literal) {
		return t.addInteger(literal)
	}
	if !t.isFloat {
		t.float, t.isFloat = t.value(), true
	}
	t.float += float(literal)
	return !math.IsInf(t.float, 0)
}

func (t *total) addInteger(literal string) bool {
	i, err := strconv.ParseInt(literal, 10, 64)
	if sum := t.small + i; err == nil && t.large == nil && (sum > t.small) == (i > 0) {
		t.small = sum
		return true
	}
	if len(literal) > maxDigits {
		return false
	}
	if t.large == nil {
		t.large = big.NewInt(t.small)
	}
	n, _ := new(big.Int).SetString(literal, 10)
	t.large.Add(t.large, n)
	return true
}

// value returns the sum as a float.
func (t *total) value() float64 {
	switch {
	case t.isFloat:
		return t.float
	case t.large != nil:
		return float(t.large.String())
	}
	return float64(t.small)
}

// number returns the sum, or false if it is beyond the largest float.
func (t *total) number() (jsontree.Value, bool) {
	switch {
	case t.isFloat:
		return floatValue(t.float)
	case t.large != nil:
		return jsontree.NewNumber(t.large.String()), true
	}
	return jsontree.NewNumber(strconv.FormatInt(t.small, 10)), true
}
