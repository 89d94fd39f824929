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

// any encodes a value of slog.KindAny: an error as an object, anything else nearly as encoding/json
// does. If methods of the value fail, it encodes a string that begins with "!".
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

// failed encodes the reason why a value could not be encoded.
func (e *encoder) failed(kind string, reason any) {
	defer func() {
		if recover() != nil { // methods of the reason panic, too
			e.buf = jsonenc.AppendString(e.buf, kind)
		}
	}()
	text := e.common.cleanError(fmt.Sprint(reason))
	e.buf = jsonenc.AppendString(e.buf, kind+": "+text)
}

// marshal encodes v with encoding/json and removes secrets.
func (e *encoder) marshal(v any) {
	if err := e.encodeJSON(v); err != nil {
		e.failed(notice, err)
	}
}

// tryMarshal does the work of marshal. It returns false if encoding/json cannot encode v.
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
	if e.common.redact.names == nil {
		e.buf = append(e.buf, text...)
		return nil
	}
	at := len(e.buf)
	c := cleaner{redact: &e.common.redact, limit: at + e.common.maxLineBytes}
	e.buf = c.json(e.buf, text, 0, true, false)
	if len(e.buf) > c.limit { // the rest is missing
		e.buf = appendCut(e.buf[:at], string(e.buf[at:]), e.common.maxLineBytes)
	}
	return nil
}

// raw encodes the JSON text of an event or a response, compacted and without secrets and the usual
// credentials. If it is longer than limit, it becomes a string with cutMark at its end. Text that
// is not JSON becomes a string. If names are redacted, such text is left out.
func (e *encoder) raw(text []byte, limit int) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	c := cleaner{redact: &e.common.redact, event: true, limit: len(e.buf) + limit}
	if !json.Valid(text) {
		if e.common.redact.names != nil {
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

// attrRaw returns text as an attribute whose encoding has about limit bytes at most.
func attrRaw(e *encoder, key string, text []byte, limit int) slog.Attr {
	e.raw(text, limit)
	return slog.Any(key, json.RawMessage(append([]byte(nil), e.buf...)))
}
