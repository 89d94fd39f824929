package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/idempotency"
)

// newOnce returns the Guard that takes each order once. Clients choose the id of an order.
func newOnce(store idempotency.Store, log *slog.Logger) (*idempotency.Guard, error) {
	return idempotency.New(store, &idempotency.Options{
		Key:      idempotency.Path("id"),
		Validate: idempotency.Path("[items, card]"), // another order under the same id is a mistake
		Wait:     2 * time.Second,                   // for the answer, if the same order is in progress
		OnReplay: func(ctx context.Context, r *idempotency.Replay) {
			log.InfoContext(ctx, "order answered before", "record", r)
		},
	})
}

// newStore returns the store in the DynamoDB table IDEMPOTENCY_TABLE. If the variable is not set,
// it returns nil: then only this process remembers orders, for a developer's machine.
func newStore() idempotency.Store {
	if table := os.Getenv("IDEMPOTENCY_TABLE"); table != "" {
		return dynamodbstore.New(nil, table, nil)
	}
	return nil
}
