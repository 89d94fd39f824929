package jsonschema_test

import (
	"context"

	"github.com/lambdakit/lambdakit/events"
)

// sender is a Sender that counts entries.
type sender func(entries int)

func (s sender) Limits() events.Limits { return events.Limits{} }

func (s sender) Send(_ context.Context, entries []events.Entry) []error {
	s(len(entries))
	return nil
}
