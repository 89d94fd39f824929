// guide: quickstart-main

// Command quickstart takes an order.
package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
	"github.com/lambdakit/lambdakit/tracing"
)

type Order struct {
	ID    string  `json:"id"`
	Total float64 `json:"total"`
}

type Receipt struct {
	OrderID string `json:"order_id"`
}

func main() { lambda.Start(newHandler()) }

// newHandler returns the function with its logs, metrics and traces. Tests call it, too.
func newHandler() lambda.Handler {
	logs := logging.New(&logging.Options{FromContext: tracing.LogAttrs}) // lines name their span
	meter := metrics.New(&metrics.Options{Namespace: "Shop"})
	tracer := tracing.New(nil)
	slog.SetDefault(slog.New(logs))

	s := &shop{accepted: meter.Counter("OrdersAccepted")}
	return lambdakit.Wrap(s.take, tracer.Middleware, logs.Middleware, meter.Middleware)
}

type shop struct{ accepted metrics.Counter }

func (s *shop) take(ctx context.Context, o Order) (Receipt, error) {
	logging.Append(ctx, "order_id", o.ID) // on every later line of this invocation
	if o.Total <= 0 {
		return Receipt{}, errors.New("the order has no total")
	}
	slog.InfoContext(ctx, "order accepted", "total", o.Total)
	s.accepted.Add(ctx, 1)
	return tracing.Call(ctx, "charge card", func(ctx context.Context) (Receipt, error) {
		return Receipt{OrderID: o.ID}, nil
	})
}

// end
