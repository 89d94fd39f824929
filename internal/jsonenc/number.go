package jsonenc

import (
	"math"
	"strconv"
)

// AppendFloat appends f as encoding/json does. JSON has no numbers for NaN and infinities, so
// it appends those as the strings "NaN", "+Inf" and "-Inf".
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"+Inf"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Inf"`...)
	}
	// Most numbers have few decimals. A decimal of at most fifteen digits that converts to f
	// is the shortest form of f.
	if f > -1e12 && f < 1e12 {
		n := int64(f*1000 + math.Copysign(0.5, f))
		if float64(n)/1000 == f && (n != 0 || !math.Signbit(f)) {
			return appendThousandths(dst, n)
		}
	}
	// Small and large numbers have an exponent, as in ECMAScript.
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if format == 'e' {
		// e-09 becomes e-9
		if n := len(dst); dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
	}
	return dst
}

// appendThousandths appends n/1000 without trailing zeros.
func appendThousandths(dst []byte, n int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	dst = AppendUint(dst, uint64(n)/1000)
	rest := uint(n % 1000)
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.', '0'+byte(rest/100))
	if rest %= 100; rest != 0 {
		dst = append(dst, '0'+byte(rest/10))
		if rest %= 10; rest != 0 {
			dst = append(dst, '0'+byte(rest))
		}
	}
	return dst
}

// AppendInt appends n in base 10.
func AppendInt(dst []byte, n int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	return AppendUint(dst, uint64(n))
}

// AppendUint appends n in base 10. It writes each digit to its place. strconv copies the digits from a buffer,
// and a processor waits if it copies bytes that were just written one by one.
func AppendUint(dst []byte, n uint64) []byte {
	switch {
	case n < 10:
		return append(dst, '0'+byte(n))
	case n < 100:
		return append(dst, '0'+byte(n/10), '0'+byte(n%10))
	case n >= 1000:
		dst = AppendUint(dst, n/1000)
		n %= 1000
	}
	return append(dst, '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10))
}
