package jmespath

import (
	"slices"

	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// mapped evaluates an expression reference against each element, and keeps nulls.
func (r *run) mapped(reference node, elements []jsontree.Value) (jsontree.Value, error) {
	if err := r.made(len(elements)); err != nil {
		return null, err
	}
	out := make([]jsontree.Value, len(elements))
	for i, e := range elements {
		value, err := r.eval(reference, e)
		if err != nil {
			return null, err
		}
		out[i] = value
	}
	return jsontree.NewArray(out), nil
}

func (r *run) keys(members []jsontree.Member) (jsontree.Value, error) {
	if err := r.made(len(members)); err != nil {
		return null, err
	}
	out := make([]jsontree.Value, len(members))
	for i, m := range members {
		out[i] = jsontree.NewString(m.Name)
	}
	return jsontree.NewArray(out), nil
}

func (r *run) values(members []jsontree.Member) (jsontree.Value, error) {
	if err := r.made(len(members)); err != nil {
		return null, err
	}
	out := make([]jsontree.Value, len(members))
	for i, m := range members {
		out[i] = m.Value
	}
	return jsontree.NewArray(out), nil
}

func (r *run) merge(objects []jsontree.Value) (jsontree.Value, error) {
	var out []jsontree.Member
	for _, object := range objects {
		if err := r.made(len(object.Members())); err != nil {
			return null, err
		}
		out = append(out, object.Members()...)
	}
	return jsontree.NewObject(out), nil
}

func firstNotNull(values []jsontree.Value) jsontree.Value {
	for _, v := range values {
		if v.Kind() != jsontree.Null {
			return v
		}
	}
	return null
}

func (r *run) toArray(v jsontree.Value) (jsontree.Value, error) {
	if v.Kind() == jsontree.Array {
		return v, nil
	}
	return jsontree.NewArray([]jsontree.Value{v}), r.made(1)
}

func (r *run) reverse(v jsontree.Value) (jsontree.Value, error) {
	if v.Kind() == jsontree.String {
		return jsontree.NewString(reverseText(v.Text())), r.madeText(len(v.Text()))
	}
	if err := r.made(len(v.Elements())); err != nil {
		return null, err
	}
	out := slices.Clone(v.Elements())
	slices.Reverse(out)
	return jsontree.NewArray(out), nil
}

// length returns the number of elements, members or code points.
func length(v jsontree.Value) int {
	switch v.Kind() {
	case jsontree.Array:
		return len(v.Elements())
	case jsontree.Object:
		return len(v.Members())
	}
	return codePoints(v.Text())
}
