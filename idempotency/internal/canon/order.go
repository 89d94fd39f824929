package canon

import (
	"cmp"
	"errors"
	"slices"
)

var errTwice = errors.New("the JSON text has two members of one name in an object")

// few is the number of members up to which inserting them one by one is the fastest way.
const few = 24

// order brings the members of the object that out ends with into the order of their names.
func (e *encoder) order(members []member) error {
	inOrder := true
	for i := 1; i < len(members); i++ {
		switch c := e.compare(&members[i-1], &members[i]); {
		case c == 0:
			return errTwice
		case c > 0:
			inOrder = false
		}
	}
	if inOrder {
		return nil
	}
	start := members[0].start
	e.sorted = append(e.sorted[:0], e.out[start:members[len(members)-1].end]...)
	e.sort(members)
	for i := 1; i < len(members); i++ { // while names are still where they were
		if e.compare(&members[i-1], &members[i]) == 0 {
			return errTwice
		}
	}
	out := e.out[:start]
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, e.sorted[m.start-start:m.end-start]...)
	}
	e.out = append(out, '}')
	return nil
}

func (e *encoder) sort(members []member) {
	if len(members) > few {
		slices.SortFunc(members, func(a, b member) int { return e.compare(&a, &b) })
		return
	}
	for i := 1; i < len(members); i++ {
		m := members[i]
		k := i
		for ; k > 0 && e.compare(&m, &members[k-1]) < 0; k-- {
			members[k] = members[k-1]
		}
		members[k] = m
	}
}

// compare compares two names by their UTF-16 code units.
func (e *encoder) compare(a, b *member) int {
	if a.sign != b.sign && a.sign.ascii() && b.sign.ascii() {
		return cmp.Compare(a.sign, b.sign)
	}
	return compareNames(e.name(*a), e.name(*b))
}

func (e *encoder) name(m member) []byte {
	if m.escaped {
		return e.names[m.nameStart:m.nameEnd]
	}
	return e.out[m.nameStart:m.nameEnd]
}

// sign is the first eight bytes of a name, which mostly tell which of two comes first.
type sign uint64

func signOf(name []byte) sign {
	var s sign
	for _, c := range name[:min(len(name), 8)] {
		s = s<<8 | sign(c)
	}
	return s << (8 * (8 - min(len(name), 8)))
}

// ascii reports whether the order of signs is that of the names.
func (s sign) ascii() bool { return s&0x8080808080808080 == 0 }

// compareNames compares two texts in UTF-8 by their UTF-16 code units.
func compareNames(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if x, y := a[i], b[i]; x != y {
			// The order of UTF-8 is that of code points. UTF-16 differs in that it has the
			// characters beyond U+FFFF, which begin with 0xF0 or more, before U+E000 to
			// U+FFFF, which begin with 0xEE or 0xEF.
			if x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0) {
				return cmp.Compare(y, x)
			}
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}
