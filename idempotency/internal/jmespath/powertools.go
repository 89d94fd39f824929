package jmespath

import (
	"fmt"

	"github.com/lambdakit/lambdakit/idempotency/internal/encoded"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// json returns the value of powertools_json. The cause of an error is the position at which
// the text is not JSON.
func (r *run) json(text string) (jsontree.Value, error) {
	if err := r.madeText(len(text)); err != nil {
		return null, err
	}
	v, values, err := jsontree.ParseMost(text, r.decode)
	if err != nil {
		return null, &EvalError{Function: jsonFunction.String(), Problem: "expected JSON", Err: fmt.Errorf("%w: %w", ErrInvalidData, err)}
	}
	r.decode -= values
	return v, nil
}

func (r *run) base64(text string) (jsontree.Value, error) {
	decoded, none, err := encoded.Base64(text)
	return r.decoded(base64Function, decoded, none, err)
}

func (r *run) base64Gzip(text string) (jsontree.Value, error) {
	inflated, none, err := encoded.Base64Gzip(text)
	return r.decoded(base64GzipFunction, inflated, none, err)
}

// decoded returns the decoded text, or null if the argument has no data.
func (r *run) decoded(f function, text string, none bool, err error) (jsontree.Value, error) {
	if err != nil {
		return null, &EvalError{Function: f.String(), Problem: err.Error(), Err: ErrInvalidData}
	}
	if none {
		return null, nil
	}
	return jsontree.NewString(text), r.madeText(len(text))
}
