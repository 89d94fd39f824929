package idempotency

import (
	"github.com/lambdakit/lambdakit/idempotency/internal/path"
)

// Path returns an expression in a small part of JMESPath that suffices for most keys:
//
//	orderId                                  a member
//	headers."idempotency-key"                a member whose name is not an identifier
//	Records[0].messageId                     an element
//	[customer.id, orderId]                   several values, as a list
//	{customer: customer.id, order: orderId}  or as an object
//	powertools_json(body).orderId            inside a string that contains JSON
//	powertools_json(powertools_base64(d))    inside base64 of JSON
//	powertools_base64_gzip(awslogs.data)     gzip in base64
//
// It scans the event without decoding it, so it is cheaper than [JMESPath], which has the rest of
// the language. New fails if text is not such an expression.
func Path(text string) *Expression {
	p, err := path.Parse(text)
	if err != nil {
		return &Expression{text: text, err: err}
	}
	return &Expression{text: text, eval: p.Find, differs: p.Differs}
}
