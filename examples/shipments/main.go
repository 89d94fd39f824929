// Command shipments is a Lambda function behind the DynamoDB stream of a table with orders. It ships
// an order as soon as it is paid. The changes of an order are handled in their order, and up to eight
// orders at the same time. Run the function from the root of the repository with
//
//	go run ./cmd/lambdakit run ./examples/shipments
//	go run ./cmd/lambdakit run -queue examples/shipments/stream.jsonl -source dynamodb ./examples/shipments
package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/logging"
	"github.com/lambdakit/lambdakit/metrics"
)

func main() {
	logs := logging.New(&logging.Options{Service: "shipments"})
	meter := metrics.New(&metrics.Options{Namespace: "Shop", Service: "shipments", Batches: true})
	slog.SetDefault(slog.New(logs))
	lambda.Start(newHandler(logs, meter, new(warehouse)))
}

func newHandler(logs *logging.Handler, meter *metrics.Meter, w *warehouse) lambda.Handler {
	s := &shipper{log: slog.New(logs), shipped: meter.Counter("OrdersShipped"), warehouse: w}
	return lambdakit.Wrap(batch.DynamoDB(s.changed, &batch.Options{Concurrency: 8}), logs.Middleware, meter.Middleware)
}

// order is an item of the table.
type order struct {
	ID      string `dynamodbav:"id"`
	Status  string `dynamodbav:"status"`
	Address string `dynamodbav:"address"`
}

var errNoAddress = errors.New("the order has no address")

type shipper struct {
	log       *slog.Logger
	shipped   metrics.Counter
	warehouse *warehouse
}

// changed handles a change of an order.
func (s *shipper) changed(ctx context.Context, m *batch.Message[batch.Change[order]]) error {
	before, after := m.Body.Old, m.Body.New
	if after == nil || after.Status != "paid" || before != nil && before.Status == "paid" {
		return nil
	}
	logging.Append(ctx, "order_id", after.ID)
	if after.Address == "" {
		// Without Options.DeadLetters the order would block its shard until it expires.
		s.log.ErrorContext(ctx, "order cannot be shipped", "error", errNoAddress)
		return nil
	}
	if err := s.warehouse.ship(ctx, after); err != nil {
		return err
	}
	s.shipped.Add(ctx, 1)
	s.log.InfoContext(ctx, "order shipped")
	return nil
}
