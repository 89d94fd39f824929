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
	err := json.Unmarshal(payload, v)
	if err == nil {
		return nil
	}
	t := reflect.TypeOf(v).Elem()
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || json.Valid(payload) {
		return newDecodingError(t, err, inv.env.Local()) // a wrong type, or a failed UnmarshalJSON
	}
	// Unmarshal validates the whole input before it decodes, so v is unchanged. Unmarshal also
	// rejects trailing bytes, which a Decoder ignores.
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
		return newDecodingError(t, err, inv.env.Local())
	}
	return e
}

// newDecodingError describes why valid JSON does not fit t. The text may repeat parts of the event
// only if local is true.
func newDecodingError(t reflect.Type, err error, local bool) *EventError {
	e := &EventError{Type: t, Offset: -1, Err: err}
	var bad *json.UnmarshalTypeError
	if !errors.As(err, &bad) {
		// An UnmarshalJSON or UnmarshalText method failed.
		e.reason = fmt.Sprintf("a type's own decoding failed with %T", err)
		if local {
			e.reason += fmt.Sprintf(": %.1024v", err) // fmt recovers a panic of the Error method
		}
		return e
	}
	e.Field, e.Offset = knownField(t, bad.Field), bad.Offset
	e.reason = fmt.Sprintf("a JSON %s does not fit the Go type %v", jsonKind(bad.Value), bad.Type)
	return e
}

// jsonKind returns the kind of a JSON value from the description in an UnmarshalTypeError, such as
// "array" or "number 12".
func jsonKind(description string) string {
	kind, _, _ := strings.Cut(description, " ")
	switch kind {
	case "string", "number", "bool", "array", "object", "null":
		return kind
	}
	return "value"
}

// knownField returns path without the parts that come from the event. Names of struct fields of t
// stay. A key of a map becomes "*"; encoding/json includes such keys in some paths and omits them
// in others. The result ends before the first unknown name.
func knownField(t reflect.Type, path string) string {
	var known []string
	for name := range strings.SplitSeq(path, ".") {
		t = elem(t)
		if t != nil && t.Kind() == reflect.Map {
			inner := t
			for inner != nil && inner.Kind() == reflect.Map {
				inner = elem(inner.Elem())
			}
			if inner.Kind() != reflect.Struct || fieldType(inner, name) == nil {
				known, t = append(known, "*"), t.Elem()
				continue
			}
			t = inner
		}
		if t != nil && t.Kind() == reflect.Struct {
			t = fieldType(t, name)
		} else {
			t = nil
		}
		if t == nil {
			break
		}
		known = append(known, name)
	}
	return strings.Join(known, ".")
}

// elem strips all pointers, slices and arrays from t and returns the innermost element type.
func elem(t reflect.Type) reflect.Type {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
		t = t.Elem()
	}
	return t
}

// fieldType returns the type of the field of t whose JSON name is name; nil if t has none.
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
