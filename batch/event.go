package batch

import "bytes"

// Event is the undecoded event of a batch. The function that [SQS] or another source returns
// decodes it.
type Event struct{ payload []byte }

// UnmarshalEvent copies the payload, because a handler that is left behind reads it after the invocation.
// [lambdakit.Wrap] calls it.
func (e *Event) UnmarshalEvent(payload []byte) error {
	e.payload = bytes.Clone(payload)
	return nil
}

// UnmarshalJSON copies the payload.
func (e *Event) UnmarshalJSON(payload []byte) error {
	return e.UnmarshalEvent(payload)
}

// MarshalJSON returns the payload.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.payload == nil {
		return []byte("null"), nil
	}
	return e.payload, nil
}
