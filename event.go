package lambdakit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsondec"
	"github.com/lambdakit/lambdakit/internal/jsonerr"
)

// EventError reports that an event could not be decoded into the input type of the function.
// Its text contains only types, fields and offsets: the messages of encoding/json repeat parts of
// the event, and an event may contain secrets. Under lambdakit run and lambdatest, the text also
// contains the message of an UnmarshalJSON or UnmarshalText method that failed.
type EventError struct {
	Type   reflect.Type // the input type of the function
	Field  string       // path of the field, such as "items.price"; empty if unknown
	Offset int64        // bytes of the event read before decoding stopped; -1 if unknown
	Err    error        // the error of encoding/json; io.EOF for an empty event

	reason string
}

// Error describes the error without repeating the event.
func (e *EventError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lambdakit: decode event into %v: ", e.Type)
	if e.Field != "" {
		fmt.Fprintf(&b, "field %q: ", e.Field)
	}
	b.WriteString(e.reason)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " (at byte %d)", e.Offset)
	}
	return b.String()
}

// Unwrap returns the error of encoding/json. Its text may repeat the event.
func (e *EventError) Unwrap() error { return e.Err }

// LogValue keeps the text of the wrapped error out of logs.
func (e *EventError) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("message", e.Error()),
		slog.String("type", "*lambdakit.EventError"),
	}
	if e.Field != "" {
		attrs = append(attrs, slog.String("field", e.Field))
	}
	if e.Offset >= 0 {
		attrs = append(attrs, slog.Int64("offset", e.Offset))
	}
	return slog.GroupValue(attrs...)
}

// decodeEvent decodes the first JSON value of the event into the pointer v and
// ignores the rest, as the decoder of aws-lambda-go does.
func (inv *Invocation) decodeEvent(v any) error {
	payload := inv.payload
	if own, ok := v.(interface{ UnmarshalEvent([]byte) error }); ok {
		return own.UnmarshalEvent(payload)
	}
	err := jsondec.Unmarshal(payload, v)
	if err == nil {
		return nil
	}
	t := reflect.TypeOf(v).Elem()
	if _, ok := errors.AsType[*json.SyntaxError](err); !ok || json.Valid(payload) {
		return newDecodingError(t, err, inv.env.Local()) // a wrong type, or a failed UnmarshalJSON
	}
	// Unmarshal also rejects trailing bytes, which a Decoder ignores. v is unchanged, or has the value already.
	if err = json.NewDecoder(bytes.NewReader(payload)).Decode(v); err == nil {
		return nil
	}
	e := &EventError{Type: t, Offset: int64(len(payload)), Err: err}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, io.EOF):
		e.reason, e.Offset = "the event is empty", 0
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.reason = "the JSON text ends too early"
	case ok:
		e.reason, e.Offset = "invalid JSON", syntax.Offset
	default:
		return newDecodingError(t, err, inv.env.Local())
	}
	return e
}

// newDecodingError describes why valid JSON does not fit t. The text may repeat parts of the event
// only if local is true.
func newDecodingError(t reflect.Type, err error, local bool) *EventError {
	e := &EventError{Type: t, Err: err}
	e.Field, e.Offset, e.reason = jsonerr.Describe(t, err, local)
	return e
}
