package batch

import "bytes"

// Event is a batch of records, as Lambda delivers it. The function decodes it itself.
type Event struct{ payload []byte }

// UnmarshalEvent keeps the payload until the invocation ends. [lambdakit.Wrap] calls it.
func (e *Event) UnmarshalEvent(payload []byte) error {
	e.payload = payload
	return nil
}

// UnmarshalJSON copies the payload.
func (e *Event) UnmarshalJSON(payload []byte) error {
	e.payload = bytes.Clone(payload)
	return nil
}

// MarshalJSON returns the payload.
func (e Event) MarshalJSON() ([]byte, error) {
	if e.payload == nil {
		return []byte("null"), nil
	}
	return e.payload, nil
}
