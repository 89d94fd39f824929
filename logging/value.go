package logging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// any encodes a value that slog has no kind for: an error as an object, anything
// else as encoding/json does. What the value's own methods do wrong becomes the
// value: a string that begins with "!".
func (e *encoder) any(v any) {
	at := len(e.buf)
	defer func() {
		if p := recover(); p != nil {
			e.buf = e.buf[:at]
			if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
				e.buf = append(e.buf, "null"...)
				return
			}
			e.failed("!PANIC", p)
		}
	}()
	switch v := v.(type) {
	case nil:
		e.buf = append(e.buf, "null"...)
	case json.Marshaler:
		e.marshal(v)
	case error:
		e.error(v, 0)
	default:
		e.marshal(v)
	}
}

// failed encodes why a value could not be encoded.
func (e *encoder) failed(kind string, reason any) {
	defer func() {
		if recover() != nil { // the reason's own methods panic, too
			e.buf = jsonenc.AppendString(e.buf, kind)
		}
	}()
	text := fmt.Sprint(reason)
	e.buf = jsonenc.AppendString(e.buf, kind+": "+text)
}

// marshal encodes v with encoding/json, then takes secrets out.
func (e *encoder) marshal(v any) {
	e.text.Reset()
	if err := e.json.Encode(v); err != nil {
		e.failed("!ERROR", err)
		return
	}
	text := e.text.Bytes()
	text = text[:len(text)-1] // the newline
	if !utf8.Valid(text) {    // of a json.RawMessage
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if e.core.redact.names == nil {
		e.buf = append(e.buf, text...)
		return
	}
	e.buf = jsonscan.AppendCompact(e.buf, text, e.core.redact.match, redacted)
}

// raw encodes JSON text from outside: compacted, without secrets, and as a string
// with a mark at its end where it is longer than limit. Text that is not JSON is
// encoded as a string, or left out where it might hold secrets.
func (e *encoder) raw(text []byte, limit int) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if !json.Valid(text) {
		if e.core.redact.names != nil {
			e.buf = jsonenc.AppendString(e.buf, fmt.Sprintf("[%d bytes that are not JSON, left out because they cannot be redacted]", len(text)))
			return
		}
		e.buf = appendCut(e.buf, string(text[:min(len(text), 2*limit)]), limit)
		return
	}
	at := len(e.buf)
	e.buf = jsonscan.AppendCompact(e.buf, text, e.core.redact.match, redacted)
	if len(e.buf)-at > limit {
		long := string(e.buf[at:])
		e.buf = appendCut(e.buf[:at], long, limit)
	}
}

// attrRaw returns text as an attribute whose encoding is bounded.
func attrRaw(e *encoder, key string, text []byte, limit int) slog.Attr {
	e.buf = e.buf[:0]
	e.raw(text, limit)
	return slog.Any(key, json.RawMessage(append([]byte(nil), e.buf...)))
}
