package path

import "github.com/lambdakit/lambdakit/idempotency/internal/foreign"

func (current) differs(foreign.Language) *foreign.Difference    { return nil }
func (element) differs(foreign.Language) *foreign.Difference    { return nil }
func (m member) differs(l foreign.Language) *foreign.Difference { return l.Member(m.name) }
func (c call) differs(l foreign.Language) *foreign.Difference   { return c.arg.differs(l) }
func (l list) differs(x foreign.Language) *foreign.Difference   { return first(l, x) }

func (c chain) differs(l foreign.Language) *foreign.Difference {
	return first([]node{c.first, c.then}, l)
}

func (o object) differs(l foreign.Language) *foreign.Difference {
	for _, name := range o.names {
		if d := l.NewMember(name); d != nil {
			return d
		}
	}
	return first(o.values, l)
}

func first(nodes []node, l foreign.Language) *foreign.Difference {
	for _, n := range nodes {
		if d := n.differs(l); d != nil {
			return d
		}
	}
	return nil
}
