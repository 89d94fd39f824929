package jmespath

import (
	"errors"
	"strconv"
)

// ErrInvalidData is wrapped by an [EvalError] if an argument of a powertools_ function has the
// right type, but not the encoding that the function decodes.
var ErrInvalidData = errors.New("invalid data")

// A SyntaxError says why [Compile] refuses an expression.
type SyntaxError struct {
	Expression string
	Offset     int    // bytes before the place of the error
	Problem    string // the expected and the actual text
}

// Error returns the expression, the place and the problem.
func (e *SyntaxError) Error() string {
	return "jmespath: " + strconv.Quote(e.Expression) + ": at offset " + strconv.Itoa(e.Offset) + ": " + e.Problem
}

// An EvalError says why an expression has no result for a document. It names types, never
// the content of the document, which may be secret.
type EvalError struct {
	Function string // name of the function, empty if the error is not in one
	Problem  string
	Err      error // the cause, or nil
}

// Error returns the function, the problem and the cause.
func (e *EvalError) Error() string {
	text := "jmespath: "
	if e.Function != "" {
		text += e.Function + ": "
	}
	text += e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *EvalError) Unwrap() error { return e.Err }
