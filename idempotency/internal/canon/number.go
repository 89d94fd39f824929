package canon

import (
	"errors"
	"math"
	"strconv"
	"unsafe"
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
	if integer && len(text) <= exact {
		if len(text) == 2 && text[0] == '-' && text[1] == '0' {
			text = text[1:]
		}
		e.out = append(e.out, text...)
		return nil
	}
	// The text is not kept, so it need not be copied.
	f, err := strconv.ParseFloat(unsafe.String(&text[0], len(text)), 64)
	if err != nil {
		return errRange
	}
	if integer && math.Abs(f) >= 1<<53 {
		e.out = append(e.out, text...)
		return nil
	}
	e.out = AppendFloat(e.out, f)
	return nil
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
	if f == 0 {
		return append(dst, '0')
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// e-07 becomes e-7
	if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
