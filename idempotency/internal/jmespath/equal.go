package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/jsontree"

// indexFrom is the number of members from which objects are compared by means of an index.
const indexFrom = 24

// equal reports whether two values are equal. Numbers are compared by value, and the order of
// members does not count.
func (r *run) equal(a, b jsontree.Value) (bool, error) {
	if err := r.spend(1); err != nil || a.Kind() != b.Kind() {
		return false, err
	}
	switch a.Kind() {
	case jsontree.Bool:
		return a.Bool() == b.Bool(), nil
	case jsontree.Number:
		return compareNumbers(a.Text(), b.Text()) == 0, nil
	case jsontree.String:
		return a.Text() == b.Text(), nil
	case jsontree.Array:
		return r.equalArrays(a.Elements(), b.Elements())
	case jsontree.Object:
		return r.equalObjects(a.Members(), b)
	}
	return true, nil
}

func (r *run) equalArrays(a, b []jsontree.Value) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if same, err := r.equal(a[i], b[i]); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

func (r *run) equalObjects(a []jsontree.Member, object jsontree.Value) (bool, error) {
	b := object.Members()
	if len(a) != len(b) {
		return false, nil
	}
	var index map[string]jsontree.Value
	if len(b) >= indexFrom {
		index = make(map[string]jsontree.Value, len(b))
		for _, m := range b {
			index[m.Name] = m.Value
		}
	}
	for i, m := range a {
		other, found := b[i].Value, b[i].Name == m.Name // most often the order is the same
		switch {
		case found:
		case index != nil:
			other, found = index[m.Name]
		default:
			other, found = object.Lookup(m.Name)
		}
		if !found {
			return false, nil
		}
		if same, err := r.equal(m.Value, other); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}
