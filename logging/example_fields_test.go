package logging_test

import (
	"context"
	"log/slog"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

// brief leaves out the fields that change from one run to the next, for the examples.
func brief(_ []string, a slog.Attr) slog.Attr {
	if a.Key == "timestamp" || a.Key == "cold_start" {
		return slog.Attr{}
	}
	return a
}

func ExampleAppend() {
	logs := logging.New(&logging.Options{ReplaceAttr: brief})
	logger := slog.New(logs)

	handle := func(ctx context.Context, order struct{ ID string }) {
		logging.Append(ctx, "order_id", order.ID)
		logger.InfoContext(ctx, "order accepted")
		logger.InfoContext(ctx, "order shipped", "parcels", 2)
	}
	lambdakit.WrapFunc(handle, logs.Middleware).Invoke(context.Background(), []byte(`{"ID":"o-1"}`))
	// Output:
	// {"level":"INFO","message":"order accepted","order_id":"o-1"}
	// {"level":"INFO","message":"order shipped","order_id":"o-1","parcels":2}
}

func ExampleWith() {
	logs := logging.New(&logging.Options{ReplaceAttr: brief})
	logger := slog.New(logs)

	handle := func(ctx context.Context, orders []struct{ ID, Customer string }) {
		for _, order := range orders {
			ctx := logging.With(ctx, "order_id", order.ID, "correlation_id", order.Customer)
			logger.InfoContext(ctx, "order accepted")
		}
		logger.InfoContext(ctx, "all orders accepted")
	}
	event := []byte(`[{"ID":"o-1","Customer":"c-7"},{"ID":"o-2","Customer":"c-8"}]`)
	lambdakit.WrapFunc(handle, logs.Middleware).Invoke(context.Background(), event)
	// Output:
	// {"level":"INFO","message":"order accepted","correlation_id":"c-7","order_id":"o-1"}
	// {"level":"INFO","message":"order accepted","correlation_id":"c-8","order_id":"o-2"}
	// {"level":"INFO","message":"all orders accepted"}
}

func ExampleWith_outsideAnInvocation() {
	logger := slog.New(logging.New(&logging.Options{ReplaceAttr: brief}))

	ctx := logging.With(context.Background(), "component", "warm-up")
	logger.InfoContext(ctx, "connected", "hosts", 3)
	// Output:
	// {"level":"INFO","message":"connected","component":"warm-up","hosts":3}
}

func ExampleCorrelationPath() {
	logs := logging.New(&logging.Options{
		CorrelationID: logging.CorrelationPath(`detail.orderId`),
		ReplaceAttr:   brief,
	})
	logger := slog.New(logs)

	handle := func(ctx context.Context) { logger.InfoContext(ctx, "order accepted") }
	lambdakit.WrapFunc(handle, logs.Middleware).Invoke(context.Background(), []byte(`{"detail":{"orderId":"o-1"}}`))
	// Output:
	// {"level":"INFO","message":"order accepted","correlation_id":"o-1"}
}
