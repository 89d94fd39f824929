package lambdakit

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"
)

// WrapFunc is [Wrap] for functions of other signatures. Like lambda.Start, it takes
//
//	func ()                     func (context.Context)
//	func () error               func (context.Context) error
//	func () (Out, error)        func (context.Context) (Out, error)
//	func (In)                   func (context.Context, In)
//	func (In) error             func (context.Context, In) error
//	func (In) (Out, error)      func (context.Context, In) (Out, error)
//
// and calls fn through reflection.
//
// WrapFunc panics if fn is nil or has another signature, or if a middleware is nil. It also panics
// if Out must be streamed: see [Wrap]. lambda.Start does not panic, and fails every invocation
// instead.
func WrapFunc(fn any, mw ...Middleware) lambda.Handler {
	s, err := signatureOf(fn)
	if err != nil {
		panic("lambdakit: WrapFunc: " + err.Error())
	}
	if s.out != nil {
		refuseReader("WrapFunc", s.out)
	}
	return newFunction(s.handle, mw)
}

// signature is a function and its parameter and result types.
type signature struct {
	fn           reflect.Value
	takesContext bool
	in           reflect.Type // nil if fn takes no event
	out          reflect.Type // nil if fn returns no response
}

func signatureOf(fn any) (*signature, error) {
	if fn == nil {
		return nil, errors.New("the handler function is nil")
	}
	v := reflect.ValueOf(fn)
	t := v.Type()
	switch {
	case t.Kind() != reflect.Func && t.Implements(reflect.TypeFor[lambda.Handler]()):
		return nil, fmt.Errorf("%v is a lambda.Handler; give WrapFunc the function itself, or the handler to WrapHandler", t)
	case t.Kind() != reflect.Func:
		return nil, fmt.Errorf("%v is not a function", t)
	case v.IsNil():
		return nil, errors.New("the handler function is nil")
	case t.IsVariadic():
		return nil, fmt.Errorf("%v is variadic", t)
	}

	s := &signature{fn: v}
	switch t.NumIn() {
	case 0:
	case 1:
		first := t.In(0)
		switch {
		case isContext(first):
			s.takesContext = true
		case first.Kind() == reflect.Interface && first.NumMethod() > 0:
			return nil, fmt.Errorf("%v takes the interface %v, which is neither context.Context nor any", t, first)
		default:
			s.in = first
		}
	case 2:
		if !isContext(t.In(0)) {
			return nil, fmt.Errorf("%v takes two arguments, but the first is not context.Context", t)
		}
		s.takesContext, s.in = true, t.In(1)
	default:
		return nil, fmt.Errorf("%v takes more than two arguments", t)
	}

	switch t.NumOut() {
	case 0:
	case 1:
		if !isError(t.Out(0)) {
			return nil, fmt.Errorf("%v returns a single value that is not an error", t)
		}
	case 2:
		if !isError(t.Out(1)) {
			return nil, fmt.Errorf("%v returns two values, but the second is not an error", t)
		}
		s.out = t.Out(0)
	default:
		return nil, fmt.Errorf("%v returns more than two values", t)
	}
	return s, nil
}

func isError(t reflect.Type) bool { return t.Implements(reflect.TypeFor[error]()) }

// isContext reports whether t is context.Context or an interface with the same methods.
func isContext(t reflect.Type) bool {
	ctx := reflect.TypeFor[context.Context]()
	return t.Kind() == reflect.Interface && t.Implements(ctx) && ctx.Implements(t)
}

func (s *signature) handle(ctx context.Context, inv *Invocation) error {
	trace := handlertrace.FromContext(ctx)
	args := make([]reflect.Value, 0, 2)
	if s.takesContext {
		args = append(args, reflect.ValueOf(ctx))
	}
	if s.in != nil {
		event := reflect.New(s.in)
		if err := inv.decodeEvent(event.Interface()); err != nil {
			return err
		}
		if trace.RequestEvent != nil {
			trace.RequestEvent(ctx, event.Elem().Interface())
		}
		args = append(args, event.Elem())
	}

	results := s.call(inv, args)
	if n := len(results); n > 0 {
		if err, ok := results[n-1].Interface().(error); ok && err != nil {
			return err
		}
	}
	if s.out == nil {
		inv.SetResponse([]byte("null"))
		return nil
	}
	return inv.encode(ctx, trace, results[0].Interface())
}

func (s *signature) call(inv *Invocation, args []reflect.Value) []reflect.Value {
	inv.resetPanic()
	defer inv.catchPanic()
	return s.fn.Call(args)
}
