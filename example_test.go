package lambdakit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit"
)

// Order and Receipt stand for any types that encoding/json knows.
type (
	Order   struct{ ID string }
	Receipt struct{ OrderID string }
)

func ExampleWrap() {
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		return Receipt{OrderID: o.ID}, nil
	}
	h := lambdakit.Wrap(handle) // for lambda.Start

	response, err := h.Invoke(context.Background(), []byte(`{"ID":"o-1"}`))
	fmt.Printf("%s %v\n", response, err)

	_, err = h.Invoke(context.Background(), []byte(`{"ID":["secret"]}`))
	var bad *lambdakit.EventError
	fmt.Println(errors.As(err, &bad), err)
	// Output:
	// {"OrderID":"o-1"} <nil>
	// true lambdakit: decode event into lambdakit_test.Order: field "ID": a JSON array does not fit the Go type string (at byte 7)
}

// timer is a middleware with something to do at the end of each invocation.
type timer struct{ start time.Time }

func (t *timer) EndInvocation(_ context.Context, inv *lambdakit.Invocation) {
	fmt.Println("took a moment:", time.Since(t.start) < time.Minute, "failed:", inv.Err() != nil || inv.Panic() != nil)
}

func measure(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		inv.OnEnd(&timer{time.Now()})
		return next(ctx, inv)
	}
}

func ExampleMiddleware() {
	// func measure(next lambdakit.Handler) lambdakit.Handler {
	// 	return func(ctx context.Context, inv *lambdakit.Invocation) error {
	// 		inv.OnEnd(&timer{time.Now()})
	// 		return next(ctx, inv)
	// 	}
	// }
	h := lambdakit.WrapFunc(func() error { return errors.New("no luck") }, measure)
	h.Invoke(context.Background(), nil)
	// Output: took a moment: true failed: true
}

func ExampleWrapStream() {
	fn := lambdakit.WrapStream(func(ctx context.Context, o Order) (io.Reader, error) {
		r, w := io.Pipe()
		go func() {
			fmt.Fprintf(w, "order %s, ", o.ID) // leaves at once
			fmt.Fprint(w, "the rest")
			w.Close()
		}()
		return r, nil
	}) // for lambda.Start

	stream, _ := fn(context.Background(), []byte(`{"ID":"o-1"}`))
	defer stream.Close()
	var b strings.Builder
	io.Copy(&b, stream)
	fmt.Println(b.String())
	// Output: order o-1, the rest
}
