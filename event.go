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
	t := reflect.TypeOf(v).Elem()
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || json.Valid(payload) {
		return newDecodingError(t, err) // of a type, or of its own UnmarshalJSON
	}
	// Nothing was decoded yet: Unmarshal validates the whole input first. It rejects
	// trailing bytes, which a Decoder does not look at.
	if err = json.NewDecoder(bytes.NewReader(payload)).Decode(v); err == nil {
		return nil
	}
	e := &EventError{Type: t, Offset: int64(len(payload)), Err: err}
	switch {
	case errors.Is(err, io.EOF):
		e.reason, e.Offset = "the event is empty", 0
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.reason = "the JSON text ends too early"
	case errors.As(err, &syntax):
		e.reason, e.Offset = "invalid JSON", syntax.Offset
	default:
		return newDecodingError(t, err)
	}
	return e
}

// newDecodingError describes why valid JSON does not fit t.
func newDecodingError(t reflect.Type, err error) *EventError {
	e := &EventError{Type: t, Offset: -1, Err: err}
	var bad *json.UnmarshalTypeError
	if !errors.As(err, &bad) {
		// An UnmarshalJSON or UnmarshalText method refused its part.
		e.reason = fmt.Sprintf("a type's own decoding failed with %T", err)
		return e
	}
	e.Field, e.Offset = knownField(t, bad.Field), bad.Offset
	e.reason = fmt.Sprintf("a JSON %s does not fit the Go type %v", jsonKind(bad.Value), bad.Type)
	return e
}

// jsonKind returns the kind out of a description such as "array" or, with the value
// itself, "number 12".
func jsonKind(description string) string {
	kind, _, _ := strings.Cut(description, " ")
	switch kind {
	case "string", "number", "bool", "array", "object", "null":
		return kind
	}
	return "value"
}

// knownField returns of a field's path what t says: keys of maps come from the event.
func knownField(t reflect.Type, path string) string {
	var known []string
	for name := range strings.SplitSeq(path, ".") {
		for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			t = t.Elem()
		}
		switch {
		case t == nil:
		case t.Kind() == reflect.Struct:
			t = fieldType(t, name)
		case t.Kind() == reflect.Map:
			t, name = t.Elem(), "*"
		default:
			t = nil
		}
		if t == nil {
			break
		}
		known = append(known, name)
	}
	return strings.Join(known, ".")
}

// fieldType returns the type of the field of t that encoding/json knows as name.
func fieldType(t reflect.Type, name string) reflect.Type {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		embedded := f.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		switch {
		case tag == name, tag == "" && f.Name == name:
			return f.Type
		case f.Anonymous && tag == "" && embedded.Kind() == reflect.Struct:
			if found := fieldType(embedded, name); found != nil {
				return found
			}
		}
	}
	return nil
}
