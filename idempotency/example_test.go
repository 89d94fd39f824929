package idempotency_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

type Order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type Receipt struct {
	PaymentID string `json:"payment_id"`
}

// A whole handler that runs once for each order.
func ExampleGuard_Middleware() {
	once, err := idempotency.New(nil, &idempotency.Options{ // in Lambda: a store
		Key:      idempotency.Path("id"),
		Validate: idempotency.Path("total"),
	})
	if err != nil {
		panic(err)
	}
	payments := 0
	handler := lambdakit.Wrap(func(ctx context.Context, o Order) (Receipt, error) {
		payments++
		return Receipt{PaymentID: fmt.Sprint("p-", payments)}, nil
	}, once.Middleware)

	for range 2 {
		response, err := handler.Invoke(context.Background(), []byte(`{"id":"o-1","total":29.95}`))
		fmt.Println(string(response), err)
	}
	_, err = handler.Invoke(context.Background(), []byte(`{"id":"o-1","total":1}`))
	fmt.Println(errors.Is(err, idempotency.ErrPayloadMismatch))
	// Output:
	// {"payment_id":"p-1"} <nil>
	// {"payment_id":"p-1"} <nil>
	// true
}

// A step inside a handler.
func ExampleCall() {
	once, err := idempotency.New(nil, nil)
	if err != nil {
		panic(err)
	}
	charge := once.Scope("charge")
	ctx := context.Background()

	for range 2 {
		receipt, err := idempotency.Call(ctx, charge, "o-1", func(ctx context.Context) (Receipt, error) {
			fmt.Println("the card is charged")
			return Receipt{PaymentID: "p-1"}, nil
		})
		fmt.Println(receipt.PaymentID, err)
	}
	// Output:
	// the card is charged
	// p-1 <nil>
	// p-1 <nil>
}

// An error that is an answer: the card stays declined.
func ExampleOptions_final() {
	errDeclined := errors.New("declined")
	once, err := idempotency.New(nil, &idempotency.Options{Final: map[string]error{"declined": errDeclined}})
	if err != nil {
		panic(err)
	}
	for range 2 {
		_, err := idempotency.Call(context.Background(), once, "o-1", func(context.Context) (Receipt, error) {
			fmt.Println("the card is asked for")
			return Receipt{}, fmt.Errorf("visa: %w", errDeclined)
		})
		fmt.Println(err, errors.Is(err, errDeclined))
	}
	// Output:
	// the card is asked for
	// visa: declined true
	// visa: declined true
}
