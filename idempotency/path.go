package idempotency

import (
	"github.com/lambdakit/lambdakit/idempotency/internal/path"
)

// Path returns an expression in the part of JMESPath that keys are usually made of:
//
//	orderId                                  a member
//	headers."idempotency-key"                one whose name is no identifier
//	Records[0].messageId                     an element
//	[customer.id, orderId]                   several values, as a list
//	{customer: customer.id, order: orderId}  or as an object
//	powertools_json(body).orderId            inside JSON that is a string
//	powertools_json(powertools_base64(d))    that is base64 besides
//	powertools_base64_gzip(awslogs.data)     base64 of gzip
//
// It is answered by scanning the event, without decoding it. New reports a text that is none
// of these; [JMESPath] has the rest of the language.
func Path(text string) *Expression {
	p, err := path.Parse(text)
	if err != nil {
		return &Expression{text: text, err: err}
	}
	return &Expression{text: text, eval: p.Find, differs: p.Differs}
}
