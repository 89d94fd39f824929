package logging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// any encodes a value that slog has no kind for: an error as an object, anything
// else nearly as encoding/json does. If the value's own methods fail, a string that begins
// with "!" says so.
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
		e.error(v)
	default:
		e.walk(v)
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
	if err := e.encodeJSON(v); err != nil {
		e.failed(notice, err)
	}
}

// tryMarshal is marshal, and reports false if v, or a part of it, has to be encoded otherwise.
func (e *encoder) tryMarshal(v any) bool {
	err := e.encodeJSON(v)
	if u, ok := err.(*json.UnsupportedValueError); ok && strings.HasPrefix(u.Str, "encountered a cycle") {
		e.failed(notice, err)
		return true
	}
	return err == nil
}

func (e *encoder) encodeJSON(v any) error {
	e.text.Reset()
	if err := e.json.Encode(v); err != nil {
		return err
	}
	text := e.text.Bytes()
	text = text[:len(text)-1] // the newline
	if !utf8.Valid(text) {    // of a json.RawMessage
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if e.core.redact.names == nil {
		e.buf = append(e.buf, text...)
		return nil
	}
	at := len(e.buf)
	c := cleaner{redact: &e.core.redact, limit: at + e.core.maxLine}
	e.buf = c.json(e.buf, text, 0, true, false)
	if len(e.buf) > c.limit { // the rest is missing
		e.buf = appendCut(e.buf[:at], string(e.buf[at:]), e.core.maxLine)
	}
	return nil
}

// raw encodes the JSON text of an event or a response: compacted, without secrets and the
// credentials that such texts usually hold, and as a string with a mark at its end if it is
// longer than limit. Text that is not JSON is encoded as a string, or left out if it might
// hold secrets.
func (e *encoder) raw(text []byte, limit int) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	c := cleaner{redact: &e.core.redact, event: true, limit: len(e.buf) + limit}
	if !json.Valid(text) {
		if e.core.redact.names != nil {
			e.buf = jsonenc.AppendString(e.buf, fmt.Sprintf("[%d bytes that are not JSON, left out because they cannot be redacted]", len(text)))
			return
		}
		e.buf = appendCut(e.buf, c.string(string(text[:min(len(text), 2*limit)]), 0, false), limit)
		return
	}
	at := len(e.buf)
	e.buf = c.json(e.buf, text, 0, true, false)
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
