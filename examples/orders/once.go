package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/dynamodb"
)

// newOnce makes orders run once by their id.
func newOnce(store idempotency.Store, log *slog.Logger) (*idempotency.Idempotency, error) {
	return idempotency.New(store, &idempotency.Options{
		KeyFunc:       orderID,
		RunWithoutKey: true,
		Wait:          2 * time.Second, // for the answer to the same order, while it is being made
		OnReplay: func(ctx context.Context, r *idempotency.Replay) {
			log.InfoContext(ctx, "order answered before", "record", r)
		},
	})
}

// newStore returns the table IDEMPOTENCY_TABLE, nil where there is none: then orders are
// remembered by this process alone, for a developer's machine.
func newStore() idempotency.Store {
	if table := os.Getenv("IDEMPOTENCY_TABLE"); table != "" {
		return dynamodb.New(nil, table, nil)
	}
	return nil
}

// orderID returns the id of an order that will be taken. Others have none: they are refused
// each time that they come, and may come corrected under the same id. Where the id is all
// that counts, idempotency.Path("powertools_json(body).id") is the quicker way.
func orderID(event []byte) (string, error) {
	var req request
	if json.Unmarshal(event, &req) != nil {
		return "", nil
	}
	body, err := requestBody(req)
	if err != nil {
		return "", nil
	}
	var id struct{ ID string }
	if _, err := ParseOrder(body); err != nil || json.Unmarshal(body, &id) != nil {
		return "", nil
	}
	return id.ID, nil // empty where ParseOrder makes one up
}
