package jmespath

import (
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// compare orders two numbers, or two strings. Bytes of WTF-8 and code points have the same
// order.
func compare(a, b jsontree.Value) int {
	if a.Kind() == jsontree.Number {
		return compareNumbers(a.Text(), b.Text())
	}
	return strings.Compare(a.Text(), b.Text())
}

func (r *run) sort(array jsontree.Value) (jsontree.Value, error) {
	if err := r.made(len(array.Elements())); err != nil {
		return null, err
	}
	sorted := slices.Clone(array.Elements())
	slices.SortStableFunc(sorted, compare)
	return jsontree.NewArray(sorted), nil
}

// extreme returns the largest or smallest element, the first of several, or null.
func extreme(elements []jsontree.Value, largest bool) jsontree.Value {
	if len(elements) == 0 {
		return null
	}
	best := elements[0]
	for _, e := range elements[1:] {
		if order := compare(e, best); largest && order > 0 || !largest && order < 0 {
			best = e
		}
	}
	return best
}

// sum returns the sum of numbers, or their average, which for none is null.
func sum(numbers []jsontree.Value, average bool) (jsontree.Value, bool) {
	if average && len(numbers) == 0 {
		return null, true
	}
	t := total{}
	for i := range numbers {
		if !t.add(numbers[i].Text()) {
			return null, false
		}
	}
	if average {
		return floatValue(t.value() / float64(len(numbers)))
	}
	return t.number()
}

// keyed is an element and its sort key.
type keyed struct{ key, element jsontree.Value }

// keysOf evaluates an expression reference against each element. The keys have to be all
// numbers or all strings.
func (r *run) keysOf(f function, reference node, elements []jsontree.Value) ([]keyed, error) {
	if err := r.made(2 * len(elements)); err != nil {
		return nil, err
	}
	out := make([]keyed, len(elements))
	for i, e := range elements {
		key, err := r.eval(reference, e)
		if err != nil {
			return nil, err
		}
		if k := key.Kind(); k != jsontree.Number && k != jsontree.String {
			return nil, &EvalError{Function: f.String(), Problem: "expected number or string as value of the expression, found " + k.String()}
		}
		if first := out[0].key.Kind(); i > 0 && key.Kind() != first {
			return nil, &EvalError{
				Function: f.String(),
				Problem:  "expected " + first.String() + " as value of the expression, as for the first element, found " + key.Kind().String(),
			}
		}
		out[i] = keyed{key: key, element: e}
	}
	return out, nil
}

func (r *run) sortBy(reference node, array jsontree.Value) (jsontree.Value, error) {
	items, err := r.keysOf(sortByFunction, reference, array.Elements())
	if err != nil {
		return null, err
	}
	slices.SortStableFunc(items, func(a, b keyed) int { return compare(a.key, b.key) })
	sorted := make([]jsontree.Value, len(items))
	for i := range items {
		sorted[i] = items[i].element
	}
	return jsontree.NewArray(sorted), nil
}

// extremeBy returns the element with the largest or smallest key, the first of several, or
// null.
func (r *run) extremeBy(f function, reference node, elements []jsontree.Value) (jsontree.Value, error) {
	items, err := r.keysOf(f, reference, elements)
	if err != nil || len(items) == 0 {
		return null, err
	}
	best := items[0]
	for _, item := range items[1:] {
		if order := compare(item.key, best.key); f == maxByFunction && order > 0 || f == minByFunction && order < 0 {
			best = item
		}
	}
	return best.element, nil
}
