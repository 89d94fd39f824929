package xray

import "github.com/lambdakit/lambdakit/internal/jsonenc"

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
