// Package localbus is a bus of EventBridge without AWS. A function and "lambdakit run -events" agree on
// it: the function posts a list of events as JSON to the URL in an environment variable, and the runner
// delivers them as a rule does.
package localbus

import (
	"encoding/json"
	"time"
)

// Variable is the environment variable with the URL.
const Variable = "LAMBDAKIT_EVENTS"

// Event is an entry of EventBridge.
type Event struct {
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	DetailType  string          `json:"detailType"`
	Detail      json.RawMessage `json:"detail"`
	TraceHeader string          `json:"traceHeader,omitzero"`
	Time        time.Time       `json:"time"`
}

// account is the AWS account of delivered events.
const account = "123456789012"

// Delivered returns the event as a rule of EventBridge delivers it. id is that of the delivery: the service
// gives each event a new one.
func (e *Event) Delivered(id, region string) ([]byte, error) {
	return json.Marshal(struct {
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       string          `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{"0", id, e.DetailType, e.Source, account, e.Time.UTC().Format(time.RFC3339), region, []string{}, e.Detail})
}
