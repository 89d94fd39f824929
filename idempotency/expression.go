package idempotency

import (
	"errors"

	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
)

// Expression picks a part of an event: [Path] and [JMESPath] make them. What it picks is JSON
// again, null where the event does not have it.
type Expression struct {
	text string
	eval func(event []byte) ([]byte, error)
	err  error // of the text; New reports it

	// differs returns the first part of the expression that has another value in the
	// Powertools library of a language, nil if there is none.
	differs func(foreign.Language) *foreign.Difference
}

// String returns the text of the expression.
func (x *Expression) String() string {
	if x == nil {
		return ""
	}
	return x.text
}

// pick returns what x picks of event, all of it where x is nil.
func (x *Expression) pick(event []byte) ([]byte, error) {
	if x == nil {
		return event, nil
	}
	if x.err != nil {
		return nil, x.err
	}
	if x.eval == nil {
		return nil, errors.New("an Expression is made by Path or JMESPath")
	}
	return x.eval(event)
}
