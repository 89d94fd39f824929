package lambdakit_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lambdakit/lambdakit"
)

// timer is a hook for the end of an invocation.
type timer struct{ start time.Time }

func (t *timer) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	fmt.Println("less than a minute:", time.Since(t.start) < time.Minute)
	fmt.Println("failed:", inv.Err() != nil || inv.Panic() != nil)
}

func measure(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnEnd(&timer{time.Now()})
		return next(ctx, inv)
	}
}

// ExampleMiddleware shows a middleware that registers a hook for the end of the invocation.
func ExampleMiddleware() {
	// func measure(next lambdakit.Handler) lambdakit.Handler {
	// 	return func(ctx context.Context, inv *lambdakit.Invocation) error {
	// 		inv.OnEnd(&timer{time.Now()})
	// 		return next(ctx, inv)
	// 	}
	// }
	h := lambdakit.WrapFunc(func() error { return errors.New("out of stock") }, measure)
	h.Invoke(context.Background(), nil)
	// Output:
	// less than a minute: true
	// failed: true
}

// ExampleMiddleware_answer shows a middleware that answers without calling the function.
func ExampleMiddleware_answer() {
	warmUp := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			if string(inv.Payload()) == `{"warmup":true}` {
				inv.SetResponse([]byte(`"warm"`))
				return nil
			}
			return next(ctx, inv)
		}
	}
	h := lambdakit.Wrap(func(ctx context.Context, o Order) (Receipt, error) {
		return Receipt{OrderID: o.ID}, nil
	}, warmUp)

	for _, event := range []string{`{"warmup":true}`, `{"ID":"o-1"}`} {
		response, err := h.Invoke(context.Background(), []byte(event))
		fmt.Printf("%s %v\n", response, err)
	}
	// Output:
	// "warm" <nil>
	// {"OrderID":"o-1"} <nil>
}

// outcome is a hook that prints the outcome of an invocation.
type outcome struct{}

func (outcome) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	fmt.Println("answered:", inv.Answered())
	fmt.Println("error:", inv.Err())
}

// ExampleInvocation_Fail shows an invocation that fails although Lambda gets its response.
func ExampleInvocation_Fail() {
	type response struct{ StatusCode int }
	handle := func(ctx context.Context, o Order) (response, error) {
		lambdakit.FromContext(ctx).Fail(errors.New("the payment service is down"))
		return response{StatusCode: 503}, nil
	}
	observe := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnEnd(outcome{})
			return next(ctx, inv)
		}
	}
	body, err := lambdakit.Wrap(handle, observe).Invoke(context.Background(), []byte(`{}`))
	fmt.Printf("%s %v\n", body, err)
	// Output:
	// answered: true
	// error: the payment service is down
	// {"StatusCode":503} <nil>
}
