package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
)

// newOnce makes an order be taken once by its id, which clients choose.
func newOnce(store idempotency.Store, log *slog.Logger) (*idempotency.Guard, error) {
	return idempotency.New(store, &idempotency.Options{
		Key:      idempotency.Path("id"),
		Validate: idempotency.Path("[items, card]"), // another order under the same id is a mistake
		Wait:     2 * time.Second,                   // for the answer to the same order, while it is being made
		OnReplay: func(ctx context.Context, r *idempotency.Replay) {
			log.InfoContext(ctx, "order answered before", "record", r)
		},
	})
}

// newStore returns the table IDEMPOTENCY_TABLE, nil where there is none: then orders are
// remembered by this process alone, for a developer's machine.
func newStore() idempotency.Store {
	if table := os.Getenv("IDEMPOTENCY_TABLE"); table != "" {
		return dynamodbstore.New(nil, table, nil)
	}
	return nil
}
