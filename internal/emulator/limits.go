package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"
)

// Lambda's limits in bytes, as its quotas page and the Runtime API give them.
const (
	MaxEvent      = 6 << 20     // an event of a synchronous invocation
	MaxAsyncEvent = 1 << 20     // an event of an asynchronous invocation
	MaxResponse   = 6<<20 + 100 // a buffered response
	MaxStream     = 200 << 20   // a streamed response
	maxErrorText  = MaxResponse // an error document
	maxFailure    = 64 << 10    // the report of a failure
)

// RequestError says that Lambda refuses a request before a function sees it.
type RequestError struct {
	Status  int    // of HTTP
	Type    string // such as "InvalidRequestContentException"
	Message string
}

func (e *RequestError) Error() string { return e.Type + ": " + e.Message }

// CheckEvent returns a *RequestError if Lambda would refuse the event of a synchronous
// invocation: it is too large, or not JSON in UTF-8. An empty event passes.
func CheckEvent(payload []byte) error {
	if len(payload) > MaxEvent {
		return tooLarge(MaxEvent)
	}
	if len(payload) == 0 {
		return nil
	}
	const start = "Could not parse request body into json: "
	if !utf8.Valid(payload) {
		return &RequestError{http.StatusBadRequest, "InvalidRequestContentException", start + "it is not UTF-8"}
	}
	if !json.Valid(payload) {
		err := json.Unmarshal(payload, new(json.RawMessage))
		return &RequestError{http.StatusBadRequest, "InvalidRequestContentException", start + err.Error()}
	}
	return nil
}

func tooLarge(limit int) error {
	return &RequestError{http.StatusRequestEntityTooLarge, "RequestTooLargeException",
		fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit)}
}

// CheckAsyncEvent is CheckEvent for an asynchronous invocation.
func CheckAsyncEvent(payload []byte) error {
	if len(payload) > MaxAsyncEvent {
		return tooLarge(MaxAsyncEvent)
	}
	return CheckEvent(payload)
}

// bounded keeps the first max bytes written to it, and counts all.
type bounded struct {
	b    bytes.Buffer
	max  int
	size int64
}

func (b *bounded) Write(p []byte) (int, error) {
	b.size += int64(len(p))
	b.b.Write(p[:min(len(p), b.max-b.b.Len())])
	return len(p), nil
}
