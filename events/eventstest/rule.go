package eventstest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/events"
)

// Rule returns an event as a rule of EventBridge delivers it, in the envelope of a Bus with the options. It
// is the body of a message for lambdatest.SQS, or the event for the function of events.Mux.EventBridge.
func Rule(t testing.TB, e events.Publishable, o *events.Options) json.RawMessage {
	t.Helper()
	var m events.Memory
	if err := events.New(&m, o).Publish(t.Context(), e); err != nil {
		t.Fatalf("eventstest: %v", err)
	}
	entry := m.Entries()[0]
	text, err := json.Marshal(struct {
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       string          `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{"0", "00000000-0000-0000-0000-000000000001", entry.Type, entry.Source, "123456789012", entry.Time.UTC().Format(time.RFC3339), "us-east-1", []string{}, entry.Body})
	if err != nil {
		t.Fatalf("eventstest: %v", err)
	}
	return text
}
