package eventstest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/internal/localbus"
)

// Rule returns an event as a rule of EventBridge delivers it, in the envelope of a Bus with the options. It
// is the body of a message for lambdatest.SQS, or the event for the function of events.Mux.EventBridge.
func Rule(t testing.TB, e events.Publishable, o *events.Options) json.RawMessage {
	t.Helper()
	var m events.Memory
	if err := events.New(&m, o).Publish(context.Background(), e); err != nil {
		t.Fatalf("eventstest: %v", err)
	}
	entry := m.Entries()[0]
	delivered := localbus.Event{Source: entry.Source, DetailType: entry.Type, Detail: entry.Body, Time: entry.Time}
	text, err := delivered.Delivered("00000000-0000-0000-0000-000000000001", "us-east-1")
	if err != nil {
		t.Fatalf("eventstest: %v", err)
	}
	return text
}
