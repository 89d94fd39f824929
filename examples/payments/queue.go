package main

import (
	"context"
	"errors"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/logging"
)

// receive pays for a message. If it returns an error, SQS delivers the message again.
func (q *queue) receive(ctx context.Context, m *batch.Message[payment]) error {
	logging.Append(ctx, "payment", m.Body.ID)
	booking, err := q.pay(ctx, m.Body)
	switch {
	case errors.Is(err, errDeclined) || errors.Is(err, errAccount):
		q.log.WarnContext(ctx, "payment refused", "error", err)
		return nil // another attempt would fail too
	case err != nil:
		return err
	}
	q.log.InfoContext(ctx, "payment made", "booking", booking)
	return nil
}
