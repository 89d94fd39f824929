package jmespath

import "github.com/lambdakit/lambdakit/idempotency/internal/jsontree"

// An Expression is a compiled JMESPath expression. It is immutable: any number of
// goroutines may use one.
type Expression struct {
	text     string
	root     node
	literals []form // the forms among its literals
}

// Compile returns the expression that a text stands for, or a [*SyntaxError].
func Compile(expression string) (*Expression, error) {
	tokens, forms, err := lex(expression)
	if err != nil {
		return nil, err
	}
	p := parser{text: expression, tokens: tokens}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	return &Expression{text: expression, root: root, literals: forms}, nil
}

// String returns the text that the expression was compiled from.
func (e *Expression) String() string { return e.text }

// Search returns the expression's value for a document, or null if the document does not have
// it. It returns an [*EvalError] if an argument of a function has the wrong type or cannot be
// decoded, if the step of a slice is 0, if a number is out of range, and if the result is much
// larger than the document.
func (e *Expression) Search(v jsontree.Value) (jsontree.Value, error) {
	r := run{left: maxWork, decode: maxDecoded}
	result, err := r.eval(e.root, v)
	if err == nil {
		// A result can hold the same part many times over, and is small only until it is
		// written.
		err = r.walk(result)
	}
	if err != nil {
		return jsontree.Value{}, err
	}
	return result, nil
}
