package idempotency

import (
	"github.com/lambdakit/lambdakit/idempotency/internal/jmespath"
	"github.com/lambdakit/lambdakit/idempotency/internal/jsontree"
)

// JMESPath returns an expression in the whole language of jmespath.org and with the functions
// powertools_json, powertools_base64 and powertools_base64_gzip. It decodes the event on every
// call. Use [Path] if it suffices: it is several times faster, and the program is smaller. New
// fails if text is not an expression.
func JMESPath(text string) *Expression {
	compiled, err := jmespath.Compile(text)
	if err != nil {
		return &Expression{text: text, err: err}
	}
	return &Expression{text: text, differs: compiled.Differs, eval: func(event []byte) ([]byte, error) {
		tree, err := jsontree.Parse(event)
		if err != nil {
			return nil, err
		}
		found, err := compiled.Search(tree)
		if err != nil {
			return nil, err
		}
		return jsontree.Append(nil, found), nil
	}}
}
