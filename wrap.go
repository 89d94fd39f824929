package lambdakit

import (
	"context"
	"fmt"
	"io"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"
)

// Wrap returns fn as a lambda.Handler for lambda.Start, with mw around it,
// outermost first. The event is decoded into In and what fn returns is encoded
// as JSON, as lambda.Start does it by default, but without reflection on the call. Options of
// lambda.StartWithOptions about JSON, such as lambda.WithSetEscapeHTML, have no effect on it.
//
// Wrap panics where fn or a middleware is nil, and where Out is an io.Reader:
// a lambda.Handler cannot stream, [WrapStream] can.
func Wrap[In, Out any](fn func(context.Context, In) (Out, error), mw ...Middleware) lambda.Handler {
	if fn == nil {
		panic("lambdakit: Wrap: the handler function is nil")
	}
	refuseReader("Wrap", reflect.TypeFor[Out]())
	return newFunction(func(ctx context.Context, inv *Invocation) error {
		var in In
		if err := decodeEvent(inv.payload, &in); err != nil {
			return err
		}
		trace := handlertrace.FromContext(ctx)
		if trace.RequestEvent != nil {
			trace.RequestEvent(ctx, in)
		}
		out, err := call(ctx, inv, fn, in)
		if err != nil {
			return err
		}
		return inv.encode(ctx, trace, out)
	}, mw)
}

// call runs the user's function beside the one recover that an invocation has.
func call[In, Out any](ctx context.Context, inv *Invocation, fn func(context.Context, In) (Out, error), in In) (Out, error) {
	inv.enter()
	defer inv.catch()
	return fn(ctx, in)
}

// WrapHandler returns h with mw around it, for a lambda.Handler of one's own.
// Its response bytes are passed on as they are.
//
// Do not pass what lambda.NewHandler returns: its Invoke hands out the bytes of a
// buffer that it has already put back into a pool, so that concurrent
// invocations overwrite each other's responses. Give the function itself to
// [Wrap] or [WrapFunc] instead.
//
// WrapHandler panics where h or a middleware is nil.
func WrapHandler(h lambda.Handler, mw ...Middleware) lambda.Handler {
	if h == nil {
		panic("lambdakit: WrapHandler: the handler is nil")
	}
	return newFunction(func(ctx context.Context, inv *Invocation) error {
		response, err := callHandler(ctx, inv, h)
		if err != nil {
			return err
		}
		inv.SetResponse(response)
		return nil
	}, mw)
}

func callHandler(ctx context.Context, inv *Invocation, h lambda.Handler) ([]byte, error) {
	inv.enter()
	defer inv.catch()
	return h.Invoke(ctx, inv.payload)
}

// refuseReader panics where a response of type t would have to be streamed.
func refuseReader(caller string, t reflect.Type) {
	if t.Implements(reflect.TypeFor[io.Reader]()) {
		panic(fmt.Sprintf("lambdakit: %s: the response type %v is an io.Reader, which a lambda.Handler cannot stream; use lambdakit.WrapStream", caller, t))
	}
}
