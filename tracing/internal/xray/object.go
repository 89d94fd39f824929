package xray

import (
	"bytes"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// object writes a JSON object with known members. It writes nothing if no member is added.
type object struct {
	e     *encoder
	open  string // text before the first member
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

// dictionary writes a JSON object whose member names come from the user. If a name comes twice,
// the first member counts. It writes nothing if no member is added.
type dictionary struct {
	e     *encoder
	open  string // text before the first member
	begun bool
	base  int // index of its first name in e.names
}

// part is a range of the buffer.
type part struct{ from, to int }

func (e *encoder) dictionary(open string) dictionary {
	return dictionary{e: e, open: open, base: len(e.names)}
}

// key begins a member and reports whether it did. If true, the caller must write the value.
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
