package guide_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func Example_idempotencyStart() {
	logs := logging.New(nil)
	// guide: idempotency-start
	once, err := idempotency.New(dynamodbstore.New(nil, "idempotency", nil), &idempotency.Options{
		Key: idempotency.Path("id"),
	})
	if err != nil {
		logs.Fatal("set up idempotency", "error", err)
	}
	lambda.Start(lambdakit.Wrap(charge, logs.Middleware, once.Middleware)) // innermost: logs see replays, too
	// end
}

func newOnce(o *idempotency.Options) *idempotency.Guard {
	once, err := idempotency.New(nil, o)
	if err != nil {
		log.Fatal(err)
	}
	return once
}

func Example_idempotencyCall() {
	once := newOnce(nil)
	ctx := context.Background()
	o := good
	take := func() (Receipt, error) {
		// guide: idempotency-call
		receipt, err := idempotency.Call(ctx, once.Scope("charge"), o.ID, func(ctx context.Context) (Receipt, error) {
			fmt.Println("the card is charged")
			return charge(ctx, o)
		})
		// end
		return receipt, err
	}
	for range 2 {
		receipt, err := take()
		fmt.Println(receipt.Payment, err)
	}
	// Output:
	// the card is charged
	// p-o-1001 <nil>
	// p-o-1001 <nil>
}

func Example_idempotencyValidate() {
	// guide: idempotency-validate
	once := newOnce(&idempotency.Options{
		Key:      idempotency.Path("id"),
		Validate: idempotency.Path("[total, card]"), // must be equal in all calls with one key
		Wait:     2 * time.Second,                   // for the answer, if the first call still runs
		Final:    map[string]error{"declined": errDeclined},
	})
	// end
	handler := lambdakit.Wrap(charge, once.Middleware)
	h := lambdatest.New(t, handler, nil)
	h.Invoke(good)
	other := good
	other.Total = 1
	fmt.Println(errors.Is(h.Invoke(other).Err, idempotency.ErrPayloadMismatch))
	// Output:
	// true
}

func Example_idempotencyBatch() {
	once := newOnce(&idempotency.Options{Key: idempotency.Path("id")})
	// guide: idempotency-batch
	receive := func(ctx context.Context, m *batch.Message[Order]) error {
		_, err := idempotency.Call(ctx, once, m.Body, func(ctx context.Context) (Receipt, error) {
			return charge(ctx, m.Body)
		})
		if errors.Is(err, idempotency.ErrNotRecorded) {
			return nil // the work is done; an error would deliver the message again
		}
		return err
	}
	// end
	h := lambdatest.New(t, lambdakit.Wrap(batch.SQS(receive, nil)), nil)
	fmt.Println(h.Invoke(lambdatest.SQS("orders", good, good, bad)).FailedRecords())
	// Output:
	// [m3]
}

func Example_idempotencyReplay() {
	// guide: idempotency-replay
	logs := logging.New(&logging.Options{FromContext: idempotency.LogAttrs}) // idempotency_key, idempotency_replayed
	once, err := idempotency.New(nil, &idempotency.Options{
		OnReplay: func(ctx context.Context, r *idempotency.Replay) { // before a duplicate gets its answer
			replays.Add(ctx, 1)
		},
	})
	// end
	_, _, _ = logs, once, err
}

func Example_idempotencyStore() {
	// guide: idempotency-store
	var store idempotency.Store // nil: in memory, for this machine; New refuses that in Lambda
	if table := os.Getenv("IDEMPOTENCY_TABLE"); table != "" {
		store = dynamodbstore.New(nil, table, nil)
	}
	// end
	_ = store
}

// guide: idempotency-test
func TestCharge_OnceForEachOrder(t *testing.T) {
	once, err := idempotency.New(nil, &idempotency.Options{Key: idempotency.Path("id")}) // in memory
	if err != nil {
		t.Fatal(err)
	}
	charges := 0
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, o Order) (Receipt, error) {
		charges++
		return charge(ctx, o)
	}, once.Middleware), nil)

	first, second := h.Invoke(Order{ID: "o-1"}), h.Invoke(Order{ID: "o-1"})

	if charges != 1 || string(first.Response) != string(second.Response) {
		t.Errorf("got %d charges and the answers %s and %s, want 1 and equal answers", charges, first.Response, second.Response)
	}
}

// end
