package lambdakit

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/internal/errtype"
)

// Handler handles one invocation. The response goes into inv, as bytes
// ([Invocation.SetResponse]) or as a stream ([Invocation.SetStream]); a Handler
// that returns nil and sets neither has answered null.
type Handler func(ctx context.Context, inv *Invocation) error

// Middleware wraps a Handler in another. It is called once, when the function is
// wrapped; the Handler that it returns is called for every invocation, from
// several goroutines at once where Lambda runs invocations concurrently.
type Middleware func(next Handler) Handler

// chain puts mw around h, the first of them outermost.
func chain(h Handler, mw []Middleware) Handler {
	for i := len(mw) - 1; i >= 0; i-- {
		if mw[i] == nil {
			panic("lambdakit: nil Middleware")
		}
		h = mw[i](h)
	}
	return h
}

// function is the lambda.Handler that Wrap, WrapFunc and WrapHandler return.
type function struct {
	handler Handler
}

func newFunction(core Handler, mw []Middleware) lambda.Handler {
	h := chain(core, mw)
	return &function{handler: func(ctx context.Context, inv *Invocation) error {
		err := h(ctx, inv)
		if err == nil && inv.Stream() != nil { // a middleware's answer
			r, _ := inv.takeStream()
			err = inv.readResponse(r)
		}
		return err
	}}
}

// Invoke implements lambda.Handler.
func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv := begin(ctx, payload)
	err := inv.run(f.handler)
	var response []byte
	if err == nil {
		response = inv.answer()
	}
	inv.finish()
	return response, errtype.Wire(err)
}
