package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/jsontree"

// maxWork bounds what one evaluation makes and compares, which an expression of a few
// characters can double with each of them: [@,@]|[@,@]|... It allows four million new
// elements, 16 MB of new text, or as many comparisons. The largest event of Lambda, 6 MB of
// objects with a hundred bytes each, has 60,000 of them.
const (
	maxWork    = 1 << 24
	makingWork = 4 // for an element; a byte of text takes 1, and so does a comparison
)

// maxDecoded is how many values powertools_json makes in one evaluation, since some kilobytes
// of gzip can be millions of them. They take 50 MB at most.
const maxDecoded = 1 << 19

func (r *run) spend(work int) error {
	r.left -= work
	if r.left < 0 {
		return &EvalError{Problem: "the expression makes too many values"}
	}
	return nil
}

// made accounts for new elements or members.
func (r *run) made(values int) error { return r.spend(makingWork * values) }

// madeText accounts for a new string.
func (r *run) madeText(length int) error { return r.spend(length) }

// walk accounts for each value that a tree holds, as often as it holds it.
func (r *run) walk(v jsontree.Value) error {
	switch v.Kind() {
	case jsontree.Array:
		for _, e := range v.Elements() {
			if err := r.walk(e); err != nil {
				return err
			}
		}
	case jsontree.Object:
		for _, m := range v.Members() {
			if err := r.spend(len(m.Name)); err != nil {
				return err
			}
			if err := r.walk(m.Value); err != nil {
				return err
			}
		}
	}
	return r.spend(1 + len(v.Text()))
}
