package canon

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unsafe"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

var errRange = errors.New("the JSON text has a number beyond the range of a double")

// exact is the number of digits up to which every integer is a double.
const exact = 15

// number writes the number at src[i] as ECMAScript does.
func (e *encoder) number() error {
	start := e.i
	integer, err := e.scanNumber()
	if err != nil {
		return err
	}
	text := e.src[start:e.i]
	// The text is not kept, so it need not be copied.
	e.out, err = appendNumber(e.out, unsafe.String(&text[0], len(text)), integer)
	return err
}

// AppendNumber appends the canonical form of a number, which has to be in JSON's grammar. It
// is an error if the number is beyond the range of a double.
func AppendNumber(dst []byte, literal string) ([]byte, error) {
	return appendNumber(dst, literal, !strings.ContainsAny(literal, ".eE"))
}

func appendNumber(dst []byte, literal string, integer bool) ([]byte, error) {
	if integer && len(literal) <= exact {
		if literal == "-0" {
			literal = "0"
		}
		return append(dst, literal...), nil
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return dst, errRange
	}
	if integer && math.Abs(f) >= 1<<53 {
		return append(dst, literal...), nil
	}
	return AppendFloat(dst, f), nil
}

// scanNumber goes over the number at src[i].
func (e *encoder) scanNumber() (integer bool, err error) {
	if e.src[e.i] == '-' {
		e.i++
	}
	switch {
	case e.i < len(e.src) && e.src[e.i] == '0':
		e.i++
	case !e.digits():
		return false, e.unexpected()
	}
	integer = true
	if e.i < len(e.src) && e.src[e.i] == '.' {
		integer = false
		if e.i++; !e.digits() {
			return false, e.unexpected()
		}
	}
	if e.i < len(e.src) && e.src[e.i]|0x20 == 'e' {
		integer = false
		if e.i++; e.i < len(e.src) && (e.src[e.i] == '+' || e.src[e.i] == '-') {
			e.i++
		}
		if !e.digits() {
			return false, e.unexpected()
		}
	}
	return integer, nil
}

func (e *encoder) digits() bool {
	start := e.i
	for e.i < len(e.src) && e.src[e.i] >= '0' && e.src[e.i] <= '9' {
		e.i++
	}
	return e.i > start
}

// AppendFloat appends f as ECMAScript writes it. It must be finite.
func AppendFloat(dst []byte, f float64) []byte {
	if f == 0 { // also -0
		return append(dst, '0')
	}
	return jsonenc.AppendFloat(dst, f)
}
