package lambdakit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

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

// ExampleShutdown shows how to write buffered data when Lambda shuts down the execution environment.
func ExampleShutdown() {
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		return Receipt{OrderID: o.ID}, nil
	}
	lambda.StartWithOptions(lambdakit.Wrap(handle), lambda.WithEnableSIGTERM(lambdakit.Shutdown))
}
