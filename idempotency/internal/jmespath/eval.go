package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/jsontree"

// run is one evaluation of an expression.
type run struct {
	left   int // work
	decode int // values that powertools_json may still make
}

var null jsontree.Value // never changed

// truthy reports whether a value counts as true: all except null, false and empty ones.
func truthy(v jsontree.Value) bool {
	switch v.Kind() {
	case jsontree.Null:
		return false
	case jsontree.Bool:
		return v.Bool()
	case jsontree.String:
		return v.Text() != ""
	case jsontree.Array:
		return len(v.Elements()) > 0
	case jsontree.Object:
		return len(v.Members()) > 0
	}
	return true
}

// eval returns the value of a node for the current value v. The larger cases are methods
// of their own, which keeps small the stack frame that a deep expression repeats.
func (r *run) eval(n node, v jsontree.Value) (jsontree.Value, error) {
	switch n := n.(type) {
	case currentNode:
		return v, nil
	case *fieldNode:
		field, _ := v.Lookup(n.name)
		return field, nil
	case *literalNode:
		return n.value, nil
	case *indexNode:
		return element(v.Elements(), n.index), nil
	case *sliceNode:
		return r.slice(n, v)
	case *chainNode:
		var err error
		for _, step := range n.steps {
			if v, err = r.eval(step, v); err != nil {
				return null, err
			}
		}
		return v, nil
	case *listProjection:
		return r.listProjection(n, v)
	case *objectProjection:
		return r.objectProjection(n, v)
	case *filterProjection:
		return r.filterProjection(n, v)
	case *flattenNode:
		return r.flatten(n, v)
	case *multiList:
		return r.multiList(n, v)
	case *multiHash:
		return r.multiHash(n, v)
	case *comparison:
		return r.comparison(n, v)
	case *orNode:
		left, err := r.eval(n.left, v)
		if err != nil || truthy(left) {
			return left, err
		}
		return r.eval(n.right, v)
	case *andNode:
		left, err := r.eval(n.left, v)
		if err != nil || !truthy(left) {
			return left, err
		}
		return r.eval(n.right, v)
	case *notNode:
		operand, err := r.eval(n.operand, v)
		return jsontree.NewBool(!truthy(operand)), err
	case *callNode:
		return r.call(n, v)
	}
	return null, &EvalError{Problem: "unknown node"}
}

// element returns an element, counted from the end if the index is negative.
func element(elements []jsontree.Value, index int) jsontree.Value {
	if index < 0 {
		index += len(elements)
	}
	if index < 0 || index >= len(elements) {
		return null
	}
	return elements[index]
}

func (r *run) slice(n *sliceNode, v jsontree.Value) (jsontree.Value, error) {
	if v.Kind() != jsontree.Array {
		return null, nil
	}
	step := 1
	if n.step.set {
		step = n.step.n
	}
	if step == 0 {
		return null, &EvalError{Problem: "the step of a slice must not be 0"}
	}
	elements := v.Elements()
	// A slice goes up from 0 to the length, or down from the last element to -1.
	low, high := 0, len(elements)
	start, stop := low, high
	if step < 0 {
		low, high = -1, len(elements)-1
		start, stop = high, low
	}
	if n.start.set {
		start = clamp(n.start.n, len(elements), low, high)
	}
	if n.stop.set {
		stop = clamp(n.stop.n, len(elements), low, high)
	}
	var out []jsontree.Value
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if err := r.made(1); err != nil {
			return null, err
		}
		out = append(out, elements[i])
	}
	return jsontree.NewArray(out), nil
}

func clamp(i, length, low, high int) int {
	if i < 0 {
		i += length
	}
	return max(low, min(i, high))
}

func (r *run) listProjection(n *listProjection, v jsontree.Value) (jsontree.Value, error) {
	source, err := r.eval(n.source, v)
	if err != nil || source.Kind() != jsontree.Array {
		return null, err
	}
	if _, same := n.each.(currentNode); same && !holdsNull(source.Elements()) {
		return source, nil
	}
	var out []jsontree.Value
	for _, e := range source.Elements() {
		if out, err = r.project(out, n.each, e); err != nil {
			return null, err
		}
	}
	return jsontree.NewArray(out), nil
}

func holdsNull(elements []jsontree.Value) bool {
	for i := range elements {
		if elements[i].Kind() == jsontree.Null {
			return true
		}
	}
	return false
}

// project appends the value of a node for one element, unless it is null.
func (r *run) project(out []jsontree.Value, each node, e jsontree.Value) ([]jsontree.Value, error) {
	if err := r.made(1); err != nil {
		return out, err
	}
	value, err := r.eval(each, e)
	if err != nil || value.Kind() == jsontree.Null {
		return out, err
	}
	return append(out, value), nil
}

func (r *run) objectProjection(n *objectProjection, v jsontree.Value) (jsontree.Value, error) {
	source, err := r.eval(n.source, v)
	if err != nil || source.Kind() != jsontree.Object {
		return null, err
	}
	var out []jsontree.Value
	for _, m := range source.Members() {
		if out, err = r.project(out, n.each, m.Value); err != nil {
			return null, err
		}
	}
	return jsontree.NewArray(out), nil
}

func (r *run) filterProjection(n *filterProjection, v jsontree.Value) (jsontree.Value, error) {
	source, err := r.eval(n.source, v)
	if err != nil || source.Kind() != jsontree.Array {
		return null, err
	}
	var out []jsontree.Value
	for _, e := range source.Elements() {
		met, err := r.eval(n.condition, e)
		if err == nil && truthy(met) {
			out, err = r.project(out, n.each, e)
		}
		if err != nil {
			return null, err
		}
	}
	return jsontree.NewArray(out), nil
}

func (r *run) flatten(n *flattenNode, v jsontree.Value) (jsontree.Value, error) {
	source, err := r.eval(n.source, v)
	if err != nil || source.Kind() != jsontree.Array {
		return null, err
	}
	var out []jsontree.Value
	for _, e := range source.Elements() {
		if err := r.made(1 + len(e.Elements())); err != nil {
			return null, err
		}
		if e.Kind() == jsontree.Array {
			out = append(out, e.Elements()...)
		} else {
			out = append(out, e)
		}
	}
	return jsontree.NewArray(out), nil
}

func (r *run) multiList(n *multiList, v jsontree.Value) (jsontree.Value, error) {
	if v.Kind() == jsontree.Null {
		return null, nil
	}
	if err := r.made(len(n.items)); err != nil {
		return null, err
	}
	out := make([]jsontree.Value, len(n.items))
	for i, item := range n.items {
		value, err := r.eval(item, v)
		if err != nil {
			return null, err
		}
		out[i] = value
	}
	return jsontree.NewArray(out), nil
}

func (r *run) multiHash(n *multiHash, v jsontree.Value) (jsontree.Value, error) {
	if v.Kind() == jsontree.Null {
		return null, nil
	}
	if err := r.made(len(n.items)); err != nil {
		return null, err
	}
	out := make([]jsontree.Member, len(n.items))
	for i, item := range n.items {
		value, err := r.eval(item, v)
		if err != nil {
			return null, err
		}
		out[i] = jsontree.Member{Name: n.names[i], Value: value}
	}
	return jsontree.NewObject(out), nil
}

func (r *run) comparison(n *comparison, v jsontree.Value) (jsontree.Value, error) {
	left, err := r.eval(n.left, v)
	if err != nil {
		return null, err
	}
	right, err := r.eval(n.right, v)
	if err != nil {
		return null, err
	}
	if n.operator == equal || n.operator == unequal {
		same, err := r.equal(left, right)
		return jsontree.NewBool(same == (n.operator == equal)), err
	}
	if left.Kind() != jsontree.Number || right.Kind() != jsontree.Number {
		return null, nil
	}
	order := compareNumbers(left.Text(), right.Text())
	switch n.operator {
	case less:
		return jsontree.NewBool(order < 0), nil
	case lessEqual:
		return jsontree.NewBool(order <= 0), nil
	case greater:
		return jsontree.NewBool(order > 0), nil
	}
	return jsontree.NewBool(order >= 0), nil
}
