// Package localbus is what a function and "lambdakit run -events" agree on: the function posts a list
// of events as JSON to the URL in an environment variable.
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
