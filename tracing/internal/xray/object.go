package xray

import (
	"bytes"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// object collects the members of an object, which is left out where there are none.
type object struct {
	e     *encoder
	open  string // what comes before the first member
	begun bool
}

// key begins a member.
func (o *object) key(name string) {
	if o.begun {
		o.e.raw(`,"`)
	} else {
		o.e.raw(o.open)
		o.e.raw(`"`)
		o.begun = true
	}
	o.e.buf = jsonenc.AppendEscaped(o.e.buf, name)
	o.e.raw(`":`)
}

func (o *object) text(name, value string, limit int) {
	if value != "" {
		o.key(name)
		o.e.text(value, limit)
	}
}

func (o *object) close() {
	if o.begun {
		o.e.raw(`}`)
	}
}

// dictionary collects the members of an object whose names come from outside. Of a name that
// comes twice the first counts.
type dictionary struct {
	e     *encoder
	open  string // what comes before the first member
	begun bool
	base  int // of its names in e.names
}

// part is a part of the buffer.
type part struct{ from, to int }

func (e *encoder) dictionary(open string) dictionary {
	return dictionary{e: e, open: open, base: len(e.names)}
}

// key begins a member, and reports whether it may: its value must follow then.
func (m *dictionary) key(name string) bool {
	e := m.e
	before := len(e.buf)
	if m.begun {
		e.raw(`,`)
	} else {
		e.raw(m.open)
	}
	from := len(e.buf)
	e.buf = jsonenc.AppendString(e.buf, name)
	for _, p := range e.names[m.base:] {
		if bytes.Equal(e.buf[p.from:p.to], e.buf[from:]) {
			e.buf = e.buf[:before]
			e.lost.hit(limitSame)
			return false
		}
	}
	m.begun = true
	e.names = append(e.names, part{from, len(e.buf)})
	e.raw(`:`)
	return true
}

func (m *dictionary) close() {
	m.e.names = m.e.names[:m.base]
	if m.begun {
		m.e.raw(`}`)
	}
}
