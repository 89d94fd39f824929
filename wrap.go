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

// Wrap returns fn as a lambda.Handler for lambda.Start, with mw around it,
// outermost first. The event is decoded into In and what fn returns is encoded
// as JSON, as lambda.Start does it by default, but without reflection on the call. Options of
// lambda.StartWithOptions about JSON, such as lambda.WithSetEscapeHTML, have no effect on it.
//
// Wrap panics if fn or a middleware is nil, and if Out has to be streamed, which a
// lambda.Handler cannot do: if Out or a pointer to it is an io.Reader, or if Out is a struct
// with a field of the type io.Reader, such as events.LambdaFunctionURLStreamingResponse. Use
// [WrapStream] for such functions.
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

// refuseReader panics if a response of type t would have to be streamed.
func refuseReader(caller string, t reflect.Type) {
	switch reason := streamed(t); {
	case reason == "":
	case t.Implements(reader):
		panic(fmt.Sprintf("lambdakit: %s: the response type %v is an io.Reader, which a lambda.Handler cannot stream; use lambdakit.WrapStream", caller, t))
	default:
		panic(fmt.Sprintf("lambdakit: %s: the response type %v %s, which a lambda.Handler cannot stream and encoding/json cannot encode; use lambdakit.WrapStream", caller, t, reason))
	}
}

var (
	reader    = reflect.TypeFor[io.Reader]()
	marshaler = reflect.TypeFor[json.Marshaler]()
)

// streamed says why a response of type t has to be streamed; it returns "" for all others.
func streamed(t reflect.Type) string {
	if t.Implements(reader) {
		return "is an io.Reader"
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Implements(marshaler): // it says itself how it is encoded
		return ""
	case t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(reader):
		return "is an io.Reader by its pointer"
	case t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(marshaler):
		return ""
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.IsExported() && f.Tag.Get("json") != "-" && f.Type.Kind() == reflect.Interface && f.Type.Implements(reader) {
			return fmt.Sprintf("has the field %s of type %v", f.Name, f.Type)
		}
	}
	return ""
}
