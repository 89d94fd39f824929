package metrics

import "slices"

// label is one dimension.
type label struct{ name, value string }

// labels are the dimensions that With binds, in a value that needs no allocation up to
// its room. The zero labels are none.
type labels struct {
	n    int
	hash uint64
	room [4]label
	more []label // those beyond; never changed in place, since copies share it
}

// add adds a dimension, or replaces the one of that name.
func (l *labels) add(name, value string) {
	for i := range l.n {
		if old := l.at(i); old.name == name {
			l.hash += pairHash(name, value) - pairHash(name, old.value)
			if i >= len(l.room) {
				l.more = slices.Clone(l.more)
			}
			l.at(i).value = value
			return
		}
	}
	l.hash += pairHash(name, value) // whatever the order
	if l.n < len(l.room) {
		l.room[l.n] = label{name, value}
	} else {
		more := make([]label, len(l.more), len(l.more)+1)
		copy(more, l.more)
		l.more = append(more, label{name, value})
	}
	l.n++
}

func (l *labels) at(i int) *label {
	if i < len(l.room) {
		return &l.room[i]
	}
	return &l.more[i-len(l.room)]
}

func (l *labels) equal(o *labels) bool {
	if l.hash != o.hash || l.n != o.n {
		return false
	}
	for i := range l.n {
		if a := l.at(i); *a != *o.at(i) && !o.has(a) {
			return false
		}
	}
	return true
}

func (l *labels) has(x *label) bool {
	for i := range l.n {
		if *l.at(i) == *x {
			return true
		}
	}
	return false
}

func pairHash(name, value string) uint64 { return (hash(name)*31 ^ hash(value)) * prime }

const prime = 0x9E3779B97F4A7C15

// hash mixes length and all bytes, eight at a time where it can.
func hash(s string) uint64 {
	h := uint64(len(s)) * prime
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = (h ^ w) * prime
		h ^= h >> 32
		s = s[8:]
	}
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return h ^ h>>29
}
