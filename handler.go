package lambdakit

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit/internal/errtype"
)

// Handler handles one invocation. It puts the response into inv, as bytes with
// [Invocation.SetResponse] or as a stream with [Invocation.SetStream]. If it returns nil and sets
// neither, the response is null.
type Handler func(ctx context.Context, inv *Invocation) error

// Middleware wraps a Handler in another Handler. It is called once, when the function is wrapped.
// The Handler that it returns is called for every invocation. If Lambda runs invocations
// concurrently, several goroutines call it at the same time.
type Middleware func(next Handler) Handler

// chain wraps h in mw. The first Middleware is outermost.
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

func newFunction(innermost Handler, mw []Middleware) lambda.Handler {
	h := chain(innermost, mw)
	return &function{handler: func(ctx context.Context, inv *Invocation) error {
		err := h(ctx, inv)
		if err == nil && inv.Stream() != nil { // a middleware answered with a stream
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
	inv.end()
	return response, errtype.Wire(err)
}
