package metrics

import (
	"slices"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// bindings are the dimensions that With binds to an instrument. The type is a value that needs
// no allocation for up to four dimensions. The zero bindings have none.
type bindings struct {
	count int
	hash  uint64
	first [4]dimension
	more  []dimension // after first; copies share it, so it is not changed in place
}

// add adds a dimension, or replaces the dimension of that name.
func (b *bindings) add(name, value string) {
	for i := range b.count {
		if old := b.at(i); old.name == name {
			b.hash += pairHash(name, value) - pairHash(name, old.value)
			if i >= len(b.first) {
				b.more = slices.Clone(b.more)
			}
			b.at(i).value = value
			return
		}
	}
	b.hash += pairHash(name, value) // a sum does not depend on the order
	if b.count < len(b.first) {
		b.first[b.count] = dimension{name, value}
	} else {
		more := make([]dimension, len(b.more), len(b.more)+1)
		copy(more, b.more)
		b.more = append(more, dimension{name, value})
	}
	b.count++
}

func (b *bindings) at(i int) *dimension {
	if i < len(b.first) {
		return &b.first[i]
	}
	return &b.more[i-len(b.first)]
}

// equal reports whether b and o have the same dimensions, in any order.
func (b *bindings) equal(o *bindings) bool {
	if b.hash != o.hash || b.count != o.count {
		return false
	}
	for i := range b.count {
		if d := b.at(i); *d != *o.at(i) && !o.has(d) {
			return false
		}
	}
	return true
}

func (b *bindings) has(d *dimension) bool {
	for i := range b.count {
		if *b.at(i) == *d {
			return true
		}
	}
	return false
}

// pairHash returns a hash that only has to be equal for equal pairs: equal compares the pairs.
func pairHash(name, value string) uint64 {
	n, _ := jsonenc.Hash(name)
	v, _ := jsonenc.Hash(value)
	return n*31 ^ v
}
