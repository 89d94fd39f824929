package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/jsontree"

// A node is a part of an expression. The types of this file are nodes. A node is evaluated
// against a current value.
type node interface{ isNode() }

type (
	// currentNode is @, or the missing left side of a projection at the start of an
	// expression.
	currentNode struct{}

	fieldNode struct{ name string }

	literalNode struct{ value jsontree.Value }

	indexNode struct{ index int }

	// sliceNode is [start:stop:step]. It is the source of a projection always.
	sliceNode struct{ start, stop, step bound }

	// chainNode evaluates each step against the value of the one before: a.b, a[0], a | b.
	chainNode struct{ steps []node }

	// listProjection evaluates each against the elements of source.
	listProjection struct{ source, each node }

	// objectProjection evaluates each against the values of source's members.
	objectProjection struct{ source, each node }

	// filterProjection evaluates each against the elements of source that meet condition.
	filterProjection struct{ source, condition, each node }

	// flattenNode puts the elements of the arrays in source into one array.
	flattenNode struct{ source node }

	multiList struct{ items []node }

	multiHash struct {
		names []string
		items []node
	}

	comparison struct {
		operator    kind
		left, right node
	}

	orNode  struct{ left, right node }
	andNode struct{ left, right node }
	notNode struct{ operand node }

	// callNode has the arguments of a call. An expression reference is stored as the
	// expression itself; the function knows which argument it is.
	callNode struct {
		function function
		args     []node
	}
)

// bound is a part of a slice that may be left out.
type bound struct {
	n   int
	set bool
}

func (currentNode) isNode()       {}
func (*fieldNode) isNode()        {}
func (*literalNode) isNode()      {}
func (*indexNode) isNode()        {}
func (*sliceNode) isNode()        {}
func (*chainNode) isNode()        {}
func (*listProjection) isNode()   {}
func (*objectProjection) isNode() {}
func (*filterProjection) isNode() {}
func (*flattenNode) isNode()      {}
func (*multiList) isNode()        {}
func (*multiHash) isNode()        {}
func (*comparison) isNode()       {}
func (*orNode) isNode()           {}
func (*andNode) isNode()          {}
func (*notNode) isNode()          {}
func (*callNode) isNode()         {}

// chain returns the node that evaluates right against the value of left. It extends the
// chain that left is, so that a long path is one loop and not as many calls.
func chain(left, right node) node {
	switch l := left.(type) {
	case currentNode:
		return right
	case *chainNode:
		l.steps = append(l.steps, right)
		return l
	}
	return &chainNode{steps: []node{left, right}}
}
