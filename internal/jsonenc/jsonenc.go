// Package jsonenc appends JSON to byte slices. What it appends is valid whatever
// the input, and allocates nothing beyond the slice.
package jsonenc

import (
	"math"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. It escapes what encoding/json escapes
// with HTML escaping off, and replaces each byte that is not valid UTF-8 by U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = AppendEscaped(dst, s)
	return append(dst, '"')
}

// AppendEscaped is AppendString without the quotation marks.
func AppendEscaped(dst []byte, s string) []byte {
	if plain(s) {
		return append(dst, s...)
	}
	i := 0
	start := 0
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = AppendEscape(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...) // as a valid U+FFFD is written
			start = i + 1
		case r == '\u2028' || r == '\u2029': // line ends to JavaScript and some log viewers
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hex[r&0xf])
			start = i + size
		}
		i += size
	}
	return append(dst, s[start:]...)
}

const hex = "0123456789abcdef"

// AppendEscape appends c, a byte of ASCII that cannot stand in a JSON string as it is, in the
// shortest form that does.
func AppendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

// plain reports whether s is printable ASCII that needs no escape. It looks at eight
// bytes at a time; the last eight may overlap those before.
func plain(s string) bool {
	n := len(s)
	switch {
	case n >= 8:
		for rest := s; len(rest) > 8; rest = rest[8:] {
			if special(word(rest)) {
				return false
			}
		}
		return !special(word(s[n-8:]))
	case n >= 4:
		return !special(half(s) | half(s[n-4:])<<32)
	case n > 0:
		return !special(few(s))
	}
	return true
}

// Hash returns a hash of s, whose highest bits are the best, and whether s is printable ASCII
// that needs no escape. The hash is one of both ends of s, eight bytes each, and its length.
func Hash(s string) (hash uint64, isPlain bool) {
	var first, last uint64
	n := len(s)
	switch {
	case n >= 8:
		first, last = word(s), word(s[n-8:])
		isPlain = !special(first) && !special(last) && (n <= 16 || plain(s[8:n-8]))
	case n >= 4:
		first = half(s) | half(s[n-4:])<<32
		isPlain = !special(first)
	case n > 0:
		first = few(s)
		isPlain = !special(first)
	default:
		isPlain = true
	}
	const odd = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	hash = (first ^ bits.RotateLeft64(last, 29) ^ uint64(n)) * odd
	return hash, isPlain
}

const (
	ones   = 0x0101010101010101
	spaces = ones * ' '
)

// special reports whether one of the eight bytes of x is not ASCII, a control character, a
// quotation mark or a backslash. A byte that is less than what is subtracted from it makes the
// highest bit of the difference one. So do one that is not ASCII, and the borrow of a byte
// before; but then there is something to report as well.
func special(x uint64) bool {
	return (x|(x-spaces)|(x^ones*'"'-ones)|(x^ones*'\\'-ones))&(ones<<7) != 0
}

// word returns the first eight bytes of s, half the first four, few all of the one to three
// that it has, with spaces before them.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func half(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

func few(s string) uint64 {
	n := len(s)
	return spaces&^0xFFFFFF | uint64(s[0])<<16 | uint64(s[n/2])<<8 | uint64(s[n-1])
}

// AppendFloat appends f as encoding/json does; NaN and infinities, which JSON
// numbers cannot express, as the strings "NaN", "+Inf" and "-Inf".
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"+Inf"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Inf"`...)
	}
	// Most numbers that people log have few digits. A decimal of at most fifteen
	// digits that converts to f is its shortest form.
	if f > -1e12 && f < 1e12 {
		n := int64(f*1000 + math.Copysign(0.5, f))
		if float64(n)/1000 == f && (n != 0 || !math.Signbit(f)) {
			return appendThousandths(dst, n)
		}
	}
	// Small and large numbers in exponent form, as ECMAScript has it.
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if format == 'e' {
		// e-09 becomes e-9
		if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
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
	dst = strconv.AppendInt(dst, n/1000, 10)
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

// AppendTime appends t as a JSON string in RFC 3339 form with nanoseconds as
// needed, the form of time.Time.MarshalJSON.
func AppendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// AppendMillis appends t as RFC 3339 text with exactly three decimals, without
// quotation marks: in UTC and with a Z where loc is nil, else in loc with its
// offset. Years outside 0 to 9999 are clamped.
func AppendMillis(dst []byte, t time.Time, loc *time.Location) []byte {
	var c Clock
	return c.AppendMillis(dst, t, loc)
}

// Clock remembers the last second that it wrote: the next time to write is often in
// the same one. It is not safe for concurrent use.
type Clock struct {
	second int64
	text   [len("2006-01-02T15:04:05.")]byte // empty while text[0] is 0
}

// AppendMillis is the function of that name.
func (c *Clock) AppendMillis(dst []byte, t time.Time, loc *time.Location) []byte {
	offset := 0
	if loc != nil {
		_, offset = t.In(loc).Zone()
	}
	second := t.Unix() + int64(offset)
	ms := uint(t.Nanosecond()) / 1e6
	if second < minSecond || second > maxSecond {
		second, ms = min(max(second, minSecond), maxSecond), 0
	}
	if second != c.second || c.text[0] == 0 {
		c.render(second)
	}
	dst = append(dst, c.text[:]...)
	dst = append(dst, '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10))
	if loc == nil {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	minutes := offset / 60
	return append(dst, sign, '0'+byte(minutes/600), '0'+byte(minutes/60%10), ':', '0'+byte(minutes/10%6), '0'+byte(minutes%10))
}

func (c *Clock) render(second int64) {
	days := floorDiv(second, daySeconds)
	rest := int(second - days*daySeconds)
	year, month, day := civil(days)
	c.second = second
	c.text = [...]byte{
		'0' + byte(year/1000), '0' + byte(year/100%10), '0' + byte(year/10%10), '0' + byte(year%10), '-',
		'0' + byte(month/10), '0' + byte(month%10), '-',
		'0' + byte(day/10), '0' + byte(day%10), 'T',
		'0' + byte(rest/36000), '0' + byte(rest/3600%10), ':',
		'0' + byte(rest/600%6), '0' + byte(rest/60%10), ':',
		'0' + byte(rest/10%6), '0' + byte(rest%10), '.',
	}
}

const (
	daySeconds = 24 * 60 * 60
	minSecond  = -62167219200 // year 0
	maxSecond  = 253402300799 // year 9999
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// civil turns days since 1970-01-01 into a date of the proleptic Gregorian
// calendar. It counts in eras of 400 years that begin on the first of March, so
// that the leap day is the last of its year.
func civil(days int64) (year, month, day int) {
	const era = 146097
	days += 719468 // since 0000-03-01
	e := floorDiv(days, era)
	doe := int(days - e*era)
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	m := (5*doy + 2) / 153
	day = doy - (153*m+2)/5 + 1
	month = m + 3
	year = yoe + int(e)*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}
