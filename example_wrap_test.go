package lambdakit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
)

// Order and Receipt are the event and the response of the examples.
type (
	Order   struct{ ID string }
	Receipt struct{ OrderID string }
)

// ExampleWrap shows a function with an event and a response, and the error of an event that cannot
// be decoded.
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

// ExampleWrapFunc shows a function without a response.
func ExampleWrapFunc() {
	cancel := func(ctx context.Context, o Order) error {
		fmt.Println("canceled", o.ID)
		return nil
	}
	h := lambdakit.WrapFunc(cancel) // for lambda.Start

	response, err := h.Invoke(context.Background(), []byte(`{"ID":"o-1"}`))
	fmt.Printf("%s %v\n", response, err)
	// Output:
	// canceled o-1
	// null <nil>
}

// upper is a lambda.Handler: it reads and writes bytes.
type upper struct{}

func (upper) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	return bytes.ToUpper(payload), nil
}

// ExampleWrapHandler shows a lambda.Handler, which reads and writes bytes.
func ExampleWrapHandler() {
	h := lambdakit.WrapHandler(upper{}) // for lambda.Start

	response, err := h.Invoke(context.Background(), []byte(`"shipped"`))
	fmt.Printf("%s %v\n", response, err)
	// Output: "SHIPPED" <nil>
}

// ExampleWrapStream shows a response that is sent while the function still writes it.
func ExampleWrapStream() {
	handle := func(ctx context.Context, o Order) (io.Reader, error) {
		r, w := io.Pipe()
		go func() {
			fmt.Fprintf(w, "order %s: ", o.ID) // sent immediately
			fmt.Fprint(w, "packed, shipped")
			w.Close()
		}()
		return r, nil
	}
	fn := lambdakit.WrapStream(handle) // for lambda.Start

	stream, err := fn(context.Background(), []byte(`{"ID":"o-1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	fmt.Printf("%s %v\n", text, err)
	// Output: order o-1: packed, shipped <nil>
}

// flush is a hook that runs while the function still runs.
type flush struct{}

func (flush) NearDeadline(_ context.Context, inv *lambdakit.Invocation) {
	fmt.Println("buffered data is written, shutting down:", inv.ShuttingDown())
}

// ExampleShutdown shows how to write buffered data when Lambda shuts down the execution environment.
// Lambda sends SIGTERM. Here the function calls Shutdown in its place.
func ExampleShutdown() {
	buffer := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			inv.OnDeadline(flush{})
			return next(ctx, inv)
		}
	}
	h := lambdakit.WrapFunc(func() { lambdakit.Shutdown() }, buffer)
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" { // in Lambda
		lambda.StartWithOptions(h, lambda.WithEnableSIGTERM(lambdakit.Shutdown))
	}

	h.Invoke(context.Background(), nil)
	// Output: buffered data is written, shutting down: true
}
