package jmespath

import (
	"math"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// Differs returns the first function or form in the expression whose value the Powertools
// library of a language computes differently, or nil: then a document's value is the same in
// that language. Two things are not differences: a value here if the library fails, since
// then it makes no key, and encoded data that cannot be decoded, which some of the functions
// of Powertools take for null.
func (e *Expression) Differs(l foreign.Language) *foreign.Difference {
	c := comparer{language: l}
	for _, f := range e.literals {
		c.form(f)
	}
	c.node(e.root, false)
	return c.found
}

// comparer looks for the first difference.
type comparer struct {
	language foreign.Language
	found    *foreign.Difference
}

func (c *comparer) form(f form) {
	if why := f.why(c.language); why != "" {
		c.add(&foreign.Difference{What: f.String(), Why: why})
	}
}

func (c *comparer) add(d *foreign.Difference) {
	if c.found == nil {
		c.found = d
	}
}

func (c *comparer) nodes(all []node) {
	for _, n := range all {
		c.node(n, false)
	}
}

// node looks into a node. tested says that the expression only asks whether the value counts
// as true.
func (c *comparer) node(n node, tested bool) {
	switch n := n.(type) {
	case *fieldNode:
		c.add(c.language.Member(n.name))
	case *chainNode:
		c.chain(n, tested)
	case *listProjection:
		c.nodes([]node{n.source, n.each})
	case *objectProjection:
		c.form(objectWildcardForm)
		c.nodes([]node{n.source, n.each})
	case *filterProjection:
		if _, ok := n.source.(*filterProjection); ok {
			c.form(filterAfterFilterForm)
		}
		c.node(n.source, false)
		c.node(n.condition, true)
		c.node(n.each, false)
	case *flattenNode:
		c.node(n.source, false)
	case *multiList:
		c.nodes(n.items)
	case *multiHash:
		for _, name := range n.names {
			c.add(c.language.NewMember(name))
		}
		c.nodes(n.items)
	case *comparison:
		c.comparison(n, tested)
	case *orNode:
		c.node(n.left, true) // the value if that is true, and true is true in every language
		c.node(n.right, tested)
	case *andNode:
		c.node(n.left, tested)
		c.node(n.right, tested)
	case *notNode:
		c.node(n.operand, true)
	case *callNode:
		c.call(n)
		c.nodes(n.args)
	}
}

func (c *comparer) chain(n *chainNode, tested bool) {
	for i, step := range n.steps {
		if _, slice := step.(*sliceNode); slice && i > 0 {
			if _, index := n.steps[i-1].(*indexNode); index {
				c.form(sliceAfterIndexForm)
			}
		}
		c.node(step, tested && i == len(n.steps)-1)
	}
}

func (c *comparer) comparison(n *comparison, tested bool) {
	c.nodes([]node{n.left, n.right})
	if n.operator == equal || n.operator == unequal {
		if !c.exact(n.left, false) && !c.exact(n.right, false) {
			c.form(equalityForm)
		}
		return
	}
	if !c.exact(n.left, true) && !c.exact(n.right, true) {
		c.form(orderForm)
	}
	if !tested {
		c.form(orderValueForm)
	}
}

// exact reports whether a node is a literal that compares with every other value as it does
// here: a number, if it has to be one, and for JavaScript one whose neighbors are doubles.
func (c *comparer) exact(n node, number bool) bool {
	l, ok := n.(*literalNode)
	if !ok {
		return false
	}
	switch l.value.Kind() {
	case jsontree.Number:
		return c.language == foreign.Python || math.Abs(float(l.value.Text())) < 1<<53
	case jsontree.Array, jsontree.Object:
		return false
	}
	return !number
}

func (c *comparer) call(n *callNode) {
	switch n.function {
	case containsFunction:
		if !isLiteralText(n.args[1]) {
			c.form(containsForm)
		}
	case startsWithFunction:
		if !isLiteralText(n.args[1]) {
			c.form(startsWithForm)
		}
	case endsWithFunction:
		if !isLiteralText(n.args[1]) {
			c.form(endsWithForm)
		}
	}
	if why := n.function.why(c.language); why != "" {
		c.add(&foreign.Difference{What: n.function.String(), Why: why})
	}
}

// isLiteralText reports whether a node is a literal string of whole characters.
func isLiteralText(n node) bool {
	l, ok := n.(*literalNode)
	return ok && l.value.Kind() == jsontree.String && !hasSurrogate(l.value.Text())
}

// hasSurrogate reports whether a text in WTF-8 has half of a surrogate pair.
func hasSurrogate(s string) bool {
	for {
		i := strings.IndexByte(s, 0xed)
		if i < 0 || i+1 >= len(s) {
			return false
		}
		if s[i+1] >= 0xa0 {
			return true
		}
		s = s[i+1:]
	}
}
