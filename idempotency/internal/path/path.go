// Package path answers the simple part of JMESPath by scanning the text of a JSON value:
// names, indices, lists and objects of them, and the functions that decode strings. If a member
// occurs twice, the last one counts, as in a decoder.
package path

import (
	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// Path is a compiled path. It may be used by several goroutines.
type Path struct{ root node }

// Find returns the value at the path in text, or null if text does not have it. The result may be a
// part of text. Find checks only the part of text that it scans.
func (p Path) Find(text []byte) ([]byte, error) { return p.root.find(text) }

// Differs returns the first part of the path whose value can differ in the Powertools library of a
// language, or nil.
func (p Path) Differs(l foreign.Language) *foreign.Difference { return p.root.differs(l) }

// node selects a value from another value.
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

// element is an index. A negative index counts from the end.
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
