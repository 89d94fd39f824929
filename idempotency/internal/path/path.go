// Package path answers the simple part of JMESPath by scanning the text of a JSON value:
// names, indices, lists and objects of them, and the functions that look into encoded
// strings. Where a member occurs twice the last one counts, as it does when the text is
// decoded.
package path

import (
	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// Path is a compiled path. It may be used by several goroutines.
type Path struct{ root node }

// Find returns what the path leads to in text, null where it leads to nothing. The result may
// be a part of text. Of text only what is passed on the way is checked.
func (p Path) Find(text []byte) ([]byte, error) { return p.root.find(text) }

// Differs returns the first part of the path that has another value in the Powertools library
// of a language, or nil if there is none.
func (p Path) Differs(l foreign.Language) *foreign.Difference { return p.root.differs(l) }

// node is a step, or several, from one value to another.
type node interface {
	find(text []byte) ([]byte, error)
	differs(foreign.Language) *foreign.Difference
}

var null = []byte("null") // never changed

func isNull(text []byte) bool { return len(text) == 0 || text[0] == 'n' }

// current is @.
type current struct{}

func (current) find(text []byte) ([]byte, error) { return trim(text) }

// member is a name.
type member struct{ name string }

func (m member) find(text []byte) ([]byte, error) { return findMember(text, m.name) }

// element is an index, from the end where it is negative.
type element struct{ index int }

func (x element) find(text []byte) ([]byte, error) { return findElement(text, x.index) }

// chain is one step after another.
type chain struct{ first, then node }

func (c chain) find(text []byte) ([]byte, error) {
	text, err := c.first.find(text)
	if err != nil {
		return nil, err
	}
	return c.then.find(text)
}

// list is [a, b].
type list []node

func (l list) find(text []byte) ([]byte, error) {
	text, err := trim(text)
	if err != nil || isNull(text) {
		return null, err
	}
	out := make([]byte, 0, 64)
	for i, n := range l {
		out = append(out, "[,"[min(i, 1)])
		v, err := n.find(text)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return append(out, ']'), nil
}

// object is {name: a, other: b}.
type object struct {
	names  []string
	values []node
}

func (o object) find(text []byte) ([]byte, error) {
	text, err := trim(text)
	if err != nil || isNull(text) {
		return null, err
	}
	out := make([]byte, 0, 64)
	for i, n := range o.values {
		out = append(out, "{,"[min(i, 1)])
		out = jsonenc.AppendString(out, o.names[i])
		out = append(out, ':')
		v, err := n.find(text)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return append(out, '}'), nil
}
