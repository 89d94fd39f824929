package schema

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is a JSON number without rounding: 0.digits × 10^exponent.
type number struct {
	negative bool
	digits   string // without zeros at either end; empty: the number is 0
	exponent int
}

// parseNumber reads a valid JSON number. It reports false if the exponent is too large.
func parseNumber(text string) (n number, ok bool) {
	text, n.negative = strings.CutPrefix(text, "-")
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.ParseInt(strings.TrimPrefix(text[i+1:], "+"), 10, 32)
		if err != nil {
			return n, false
		}
		text, n.exponent = text[:i], int(e)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	n.exponent += len(whole)
	n.digits = whole + fraction
	for strings.HasPrefix(n.digits, "0") {
		n.digits = n.digits[1:]
		n.exponent--
	}
	if n.digits = strings.TrimRight(n.digits, "0"); n.digits == "" {
		return number{}, true
	}
	return n, true
}

func newNumber(i int) number {
	n, _ := parseNumber(strconv.Itoa(i))
	return n
}

func length(text string) number { return newNumber(utf8.RuneCountInString(text)) }

// isInteger reports whether the number has no fraction.
func (n number) isInteger() bool { return len(n.digits) <= n.exponent || n.digits == "" }

func (n number) compare(m number) int {
	if n.negative != m.negative {
		if n.negative {
			return -1
		}
		return 1
	}
	order := n.compareSize(m)
	if n.negative {
		return -order
	}
	return order
}

func (n number) compareSize(m number) int {
	switch {
	case n.digits == "" || m.digits == "":
		return cmp.Compare(len(n.digits), len(m.digits))
	case n.exponent != m.exponent:
		return cmp.Compare(n.exponent, m.exponent)
	}
	return strings.Compare(n.digits, m.digits)
}

// key returns a text that equal numbers have in common.
func (n number) key() string {
	sign := ""
	if n.negative {
		sign = "-"
	}
	return sign + n.digits + "e" + strconv.Itoa(n.exponent)
}
