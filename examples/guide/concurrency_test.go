package guide_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

func Example_concurrencyGoroutines() {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	handle := func(ctx context.Context, o Order) (Receipt, error) {
		// guide: concurrency-goroutines
		var wg sync.WaitGroup
		for _, warehouse := range []string{"north", "south"} {
			wg.Go(func() {
				slog.InfoContext(ctx, "stock reserved", "warehouse", warehouse) // ctx: the fields of this invocation
			})
		}
		wg.Wait() // Lambda may freeze the process when the function has returned
		// end
		return charge(ctx, o)
	}
	res := lambdatest.Run(t, lambdakit.Wrap(handle, logs.Middleware), good)
	fmt.Println(len(res.Logs), "lines of the invocation")
	// Output:
	// 2 lines of the invocation
}

// guide: concurrency-test
func TestTakeOrder_KeepsInvocationsApart(t *testing.T) {
	logs := logging.New(nil)
	slog.SetDefault(slog.New(logs))
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, o Order) (Receipt, error) {
		logging.Append(ctx, "order_id", o.ID)
		return takeOrder(ctx, o)
	}, logs.Middleware), nil)

	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := fmt.Sprint("o-", i)
			res := h.Invoke(Order{ID: id})
			if got := res.Log("order received")["order_id"]; got != id {
				t.Errorf("got a line of %v, want one of %s", got, id)
			}
		})
	}
	wg.Wait()
}

// end
