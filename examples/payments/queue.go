package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-lambda-go/events"
)

// handle pays for each message. It returns the messages that failed and may succeed later, and
// SQS delivers them again.
func (q *queue) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var again []events.SQSBatchItemFailure
	for _, message := range batch.Records {
		if err := q.message(ctx, message); err != nil {
			q.log.ErrorContext(ctx, "message failed", "message_id", message.MessageId, "error", err)
			again = append(again, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: again}, nil
}

func (q *queue) message(ctx context.Context, message events.SQSMessage) error {
	var p payment
	if err := json.Unmarshal([]byte(message.Body), &p); err != nil {
		return err
	}
	booking, err := q.pay(ctx, p)
	if errors.Is(err, errDeclined) || errors.Is(err, errAccount) {
		q.log.WarnContext(ctx, "payment refused", "payment", p.ID, "error", err)
		return nil // another attempt would fail too
	}
	if err != nil {
		return err
	}
	q.log.InfoContext(ctx, "payment made", "payment", p.ID, "booking", booking)
	return nil
}
