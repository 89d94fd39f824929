package idempotency

import (
	"github.com/lambdakit/lambdakit/idempotency/internal/foreign"
)

// Expression picks a value from an event. Create one with [Path] or [JMESPath]. The value is JSON,
// and null if the event does not have it.
type Expression struct {
	text string
	eval func(event []byte) ([]byte, error)
	err  error // in the text; New returns it

	// differs returns the first part of the expression whose value can differ in the Powertools
	// library of a language, or nil.
	differs func(foreign.Language) *foreign.Difference
}

// String returns the text of the expression.
func (x *Expression) String() string {
	if x == nil {
		return ""
	}
	return x.text
}

// pick returns the value that x picks from event. If x is nil, it is the whole event. New has refused
// an Expression that cannot pick.
func (x *Expression) pick(event []byte) ([]byte, error) {
	if x == nil {
		return event, nil
	}
	return x.eval(event)
}
