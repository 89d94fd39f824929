// Command payments is a Lambda function behind an SQS queue. Each message asks for a payment,
// and SQS delivers a message at least once. The function makes a payment with a given id once.
// A payment that was declined stays declined if its message is delivered again. Run the function
// from the root of the repository with
//
//	go run ./cmd/lambdakit run -n 2 ./examples/payments
//	go run ./cmd/lambdakit run -queue examples/payments/queue.jsonl ./examples/payments
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/logging"
)

func main() {
	logs := newLogs()
	slog.SetDefault(slog.New(logs))
	var store idempotency.Store // in memory, for a developer's machine
	if table := os.Getenv("IDEMPOTENCY_TABLE"); table != "" {
		store = dynamodbstore.New(nil, table, nil)
	}
	once, err := newOnce(store)
	if err != nil {
		logs.Fatal("set up idempotency", "error", err)
	}
	q := &queue{log: slog.New(logs), once: once, bank: newBank()}
	lambda.Start(newHandler(q, logs))
}

func newHandler(q *queue, logs *logging.Handler) lambda.Handler {
	return lambdakit.Wrap(batch.SQS(q.receive, &batch.Options{Concurrency: 4}), logs.Middleware)
}

func newLogs() *logging.Handler {
	return logging.New(&logging.Options{Service: "payments", FromContext: idempotency.LogAttrs})
}

func newOnce(store idempotency.Store) (*idempotency.Guard, error) {
	return idempotency.New(store, &idempotency.Options{
		Prefix:       "payments",                           // keys do not change if the function is renamed
		Key:          idempotency.Path("id"),               // of a payment
		Validate:     idempotency.Path("[account, cents]"), // another payment under the same id is a mistake
		ExpiresAfter: 14 * 24 * time.Hour,                  // the longest that SQS keeps a message
		Wait:         2 * time.Second,                      // if another batch has the same message in progress
		Final:        map[string]error{"declined": errDeclined, "unknown account": errAccount},
	})
}

type payment struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	Cents   int    `json:"cents"`
}

// queue handles the messages of a queue.
type queue struct {
	log  *slog.Logger
	once *idempotency.Guard
	bank *bank
}

// pay makes a payment once and returns its booking.
func (q *queue) pay(ctx context.Context, p payment) (string, error) {
	return idempotency.Call(ctx, q.once, p, func(ctx context.Context) (string, error) {
		booking, err := q.bank.transfer(p)
		q.log.InfoContext(ctx, "transfer", "payment", p.ID, "booking", booking, "error", err)
		return booking, err
	})
}
