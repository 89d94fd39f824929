package canon

import (
	"cmp"
	"errors"
	"slices"
)

var errTwice = errors.New("the JSON text has two members of one name in an object")

// few is the number of members up to which inserting them one by one is the fastest way.
const few = 24

// maxMoves is how many levels of objects that are not in order are brought into order as
// soon as they end, which is the fastest way for usual events. Each level moves all that is
// in it, so that for the levels around them this waits until the end of the text.
const maxMoves = 4

// order brings the members of the object that out ends with into the order of their names,
// or notes it for later.
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
	all := span{members[0].start, members[len(members)-1].end}
	e.sort(members)
	for i := 1; i < len(members); i++ { // while the names have not moved
		if e.compare(&members[i-1], &members[i]) == 0 {
			return errTwice
		}
	}
	if e.levels++; e.levels > maxMoves {
		e.note(all, members)
	} else {
		e.move(all, members)
	}
	return nil
}

// move brings the members of an object into order.
func (e *encoder) move(all span, members []member) {
	e.text = append(e.text[:0], e.out[all.start:all.end]...)
	e.base = all.start
	e.out = e.out[:all.start]
	for i, m := range members {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.copyText(span{m.start, m.end})
	}
	e.out = append(e.out, '}')
}

// note notes the order of an object's members for reorder.
func (e *encoder) note(all span, members []member) {
	o := disorder{span: all, first: int32(len(e.spans))}
	for _, m := range members {
		e.spans = append(e.spans, span{m.start, m.end})
	}
	o.last = int32(len(e.spans))
	e.disorders = append(e.disorders, o)
}

// span is a part of out.
type span struct{ start, end int32 }

// disorder is an object whose members are to be brought into order.
type disorder struct {
	span              // of its members
	first, last int32 // of its members in spans, in order
}

// reorder brings the members of the objects that were noted into order, in out from base on.
// It copies each byte once, however deep the objects nest.
func (e *encoder) reorder(base int) {
	if len(e.disorders) == 0 {
		return
	}
	slices.SortFunc(e.disorders, func(a, b disorder) int { return cmp.Compare(a.start, b.start) })
	e.text = append(e.text[:0], e.out[base:]...)
	e.base = int32(base)
	e.out = e.out[:base]
	e.copy(span{e.base, e.base + int32(len(e.text))}, 0)
}

// copy copies a part of the text to out. Of the disorders the ones before next are not in it.
func (e *encoder) copy(s span, next int) {
	for ; next < len(e.disorders) && e.disorders[next].start < s.end; next = e.from(next, s.start) {
		o := e.disorders[next]
		e.copyText(span{s.start, o.start})
		for i, member := range e.spans[o.first:o.last] {
			if i > 0 {
				e.out = append(e.out, ',')
			}
			e.copy(member, e.from(next+1, member.start))
		}
		s.start = o.end
	}
	e.copyText(s)
}

func (e *encoder) copyText(s span) {
	e.out = append(e.out, e.text[s.start-e.base:s.end-e.base]...)
	e.copied += int(s.end - s.start)
}

// from returns the first of the disorders from next on that starts at a place or behind it.
func (e *encoder) from(next int, start int32) int {
	i, _ := slices.BinarySearchFunc(e.disorders[next:], start, func(o disorder, start int32) int { return cmp.Compare(o.start, start) })
	return next + i
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

// ascii reports whether signs and names have the same order.
func (s sign) ascii() bool { return s&0x8080808080808080 == 0 }

// compareNames compares two texts in UTF-8 by their UTF-16 code units.
func compareNames(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if x, y := a[i], b[i]; x != y {
			// UTF-8 and code points have the same order. UTF-16 differs in that it has the
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
