package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// The handler runs once for each order.
func ExampleGuard_Middleware() {
	once, err := idempotency.New(nil, &idempotency.Options{ // in Lambda: a store instead of nil
		Key: idempotency.Path("id"),
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
	// Output:
	// {"payment_id":"p-1"} <nil>
	// {"payment_id":"p-1"} <nil>
}

// A step inside a handler runs once, and the second call gets the stored result.
func ExampleCall() {
	once, err := idempotency.New(nil, nil)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	for range 2 {
		receipt, err := idempotency.Call(ctx, once, "o-1", func(ctx context.Context) (Receipt, error) {
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

// Run is for work without a result. An error deletes the record, so that the retry runs.
func ExampleRun() {
	once, err := idempotency.New(nil, nil)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()

	fails := true
	send := func(context.Context) error {
		if fails {
			fails = false
			return errors.New("the mail server is down")
		}
		fmt.Println("the mail is sent")
		return nil
	}
	for range 3 {
		fmt.Println(idempotency.Run(ctx, once, "mail-o-1", send))
	}
	// Output:
	// the mail server is down
	// the mail is sent
	// <nil>
	// <nil>
}

// Two steps may have the same key if each has its own scope.
func ExampleGuard_Scope() {
	once, err := idempotency.New(nil, nil)
	if err != nil {
		panic(err)
	}
	charge, ship := once.Scope("charge"), once.Scope("ship")
	ctx := context.Background()

	for range 2 {
		idempotency.Run(ctx, charge, "o-1", func(context.Context) error {
			fmt.Println("charged")
			return nil
		})
		idempotency.Run(ctx, ship, "o-1", func(context.Context) error {
			fmt.Println("shipped")
			return nil
		})
	}
	// Output:
	// charged
	// shipped
}

// A function that takes longer than Options.Lease extends its lease. If another execution has taken
// over, it stops.
func ExampleExecution_Extend() {
	once, err := idempotency.New(nil, nil)
	if err != nil {
		panic(err)
	}
	err = idempotency.Run(context.Background(), once, "report-2026", func(ctx context.Context) error {
		for _, part := range []string{"orders", "payments"} {
			if err := idempotency.FromContext(ctx).Extend(ctx, 10*time.Minute); errors.Is(err, idempotency.ErrLeaseLost) {
				return err
			}
			fmt.Println("report on", part)
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// report on orders
	// report on payments
	// <nil>
}
