package lambdakit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"
)

// Wrap returns a lambda.Handler for lambda.Start that calls fn. It wraps fn in mw, outermost first.
//
// The event is decoded into In, and the result of fn is encoded as JSON, with the same bytes as
// lambda.Start by default. Wrap does not use reflection to call fn. The JSON options of
// lambda.StartWithOptions, such as lambda.WithSetEscapeHTML, have no effect.
//
// If *In has the method UnmarshalEvent([]byte) error, as batch.Event has, Wrap calls it with
// [Invocation.Payload] instead of decoding the event. An error of the method is the error of the
// invocation.
//
// Wrap panics if
//
//   - fn or a middleware is nil;
//   - Out or *Out is an io.Reader;
//   - Out is a struct with a field of type io.Reader, such as
//     events.LambdaFunctionURLStreamingResponse.
//
// A lambda.Handler cannot stream a response. Use [WrapStream] for such functions.
func Wrap[In, Out any](fn func(context.Context, In) (Out, error), mw ...Middleware) lambda.Handler {
	if fn == nil {
		panic("lambdakit: Wrap: the handler function is nil")
	}
	refuseReader("Wrap", reflect.TypeFor[Out]())
	return newFunction(func(ctx context.Context, inv *Invocation) error {
		var in In
		if err := inv.decodeEvent(&in); err != nil {
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

// call calls the user's function, and records a panic with the only recover of an invocation.
func call[In, Out any](ctx context.Context, inv *Invocation, fn func(context.Context, In) (Out, error), in In) (Out, error) {
	inv.resetPanic()
	defer inv.catchPanic()
	return fn(ctx, in)
}

// WrapHandler returns a lambda.Handler that calls h. It wraps h in mw, outermost first. It is for
// your own implementation of lambda.Handler. The response bytes of h are not changed.
//
// Do not pass a result of lambda.NewHandler. Its Invoke method returns the bytes of a buffer that
// is already back in a pool, so concurrent invocations overwrite each other's responses. Pass the
// function to [Wrap] or [WrapFunc] instead.
//
// WrapHandler panics if h or a middleware is nil.
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
	inv.resetPanic()
	defer inv.catchPanic()
	return h.Invoke(ctx, inv.payload)
}

// refuseReader panics if a response of type t must be streamed. caller names the function in the
// message.
func refuseReader(caller string, t reflect.Type) {
	switch reason := streamed(t); {
	case reason == "":
	case t.Implements(readerType):
		panic(fmt.Sprintf("lambdakit: %s: the response type %v is an io.Reader, which a lambda.Handler cannot stream; use lambdakit.WrapStream", caller, t))
	default:
		panic(fmt.Sprintf("lambdakit: %s: the response type %v %s, which a lambda.Handler cannot stream and encoding/json cannot encode; use lambdakit.WrapStream", caller, t, reason))
	}
}

var (
	readerType    = reflect.TypeFor[io.Reader]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
)

// streamed returns the reason why a response of type t must be streamed, or "".
func streamed(t reflect.Type) string {
	if t.Implements(readerType) {
		return "is an io.Reader"
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Implements(marshalerType): // it encodes itself
		return ""
	case t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(readerType):
		return "is an io.Reader by its pointer"
	case t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(marshalerType):
		return ""
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.IsExported() && f.Tag.Get("json") != "-" && f.Type.Kind() == reflect.Interface && f.Type.Implements(readerType) {
			return fmt.Sprintf("has the field %s of type %v", f.Name, f.Type)
		}
	}
	return ""
}
