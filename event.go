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
)

// EventError says that an event could not be decoded into the type that the
// function takes. Its text names types, fields and offsets only: the messages of
// encoding/json repeat parts of the event, and an event may hold secrets.
type EventError struct {
	Type   reflect.Type // what the event was decoded into
	Field  string       // path of the field, such as "items.price"; empty when unknown
	Offset int64        // bytes of the event read when decoding stopped; -1 when unknown
	Err    error        // the error of encoding/json, io.EOF for an empty event

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

// decodeEvent decodes the first JSON value of payload into the pointer v and
// ignores what follows it, as the decoder of aws-lambda-go does.
func decodeEvent(payload []byte, v any) error {
	err := json.Unmarshal(payload, v)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		// Nothing was decoded yet: Unmarshal validates the whole input first. It
		// rejects trailing bytes, which a Decoder does not look at.
		if err = json.NewDecoder(bytes.NewReader(payload)).Decode(v); err == nil {
			return nil
		}
	}
	return newEventError(reflect.TypeOf(v).Elem(), err, int64(len(payload)))
}

func newEventError(t reflect.Type, err error, size int64) *EventError {
	e := &EventError{Type: t, Offset: -1, Err: err}
	var (
		syntax  *json.SyntaxError
		badType *json.UnmarshalTypeError
	)
	switch {
	case errors.Is(err, io.EOF):
		e.reason, e.Offset = "the event is empty", 0
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.reason, e.Offset = "the JSON text ends too early", size
	case errors.As(err, &syntax):
		e.reason, e.Offset = "invalid JSON", syntax.Offset
	case errors.As(err, &badType):
		// Value reads "string", "array" or, with the value itself, "number 12".
		kind, _, _ := strings.Cut(badType.Value, " ")
		e.Field, e.Offset = badType.Field, badType.Offset
		e.reason = fmt.Sprintf("a JSON %s does not fit the Go type %v", kind, badType.Type)
	default:
		// An UnmarshalJSON or UnmarshalText method refused its part.
		e.reason = fmt.Sprintf("a type's own decoding failed with %T", err)
	}
	return e
}
