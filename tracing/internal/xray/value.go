package xray

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// value appends v as JSON. Strings are cut to limit bytes.
func (e *encoder) value(v attribute.Value, limit int) {
	switch v.Type() {
	case attribute.STRING:
		e.text(v.AsString(), limit)
	case attribute.BOOL:
		e.bool(v.AsBool())
	case attribute.INT64:
		e.buf = jsonenc.AppendInt(e.buf, v.AsInt64())
	case attribute.FLOAT64:
		e.buf = jsonenc.AppendFloat(e.buf, v.AsFloat64())
	case attribute.STRINGSLICE:
		list(e, v.AsStringSlice(), func(s string) { e.text(s, limit) })
	case attribute.BOOLSLICE:
		list(e, v.AsBoolSlice(), e.bool)
	case attribute.INT64SLICE:
		list(e, v.AsInt64Slice(), func(n int64) { e.buf = jsonenc.AppendInt(e.buf, n) })
	case attribute.FLOAT64SLICE:
		list(e, v.AsFloat64Slice(), func(f float64) { e.buf = jsonenc.AppendFloat(e.buf, f) })
	case attribute.BYTESLICE:
		e.text(base64.StdEncoding.EncodeToString(v.AsByteSlice()), limit)
	case attribute.SLICE, attribute.MAP:
		e.nested(v, limit)
	default:
		e.raw(`null`)
	}
}

// nested appends a value that holds other values.
func (e *encoder) nested(v attribute.Value, limit int) {
	switch {
	case e.depth == maxDepth:
		e.lost.hit(limitDepth)
		e.raw(`"` + cutMark + `"`)
		return
	case v.Type() == attribute.MAP:
		e.depth++
		e.attributes(v.AsMap())
	default:
		e.depth++
		list(e, v.AsSlice(), func(v attribute.Value) { e.value(v, limit) })
	}
	e.depth--
}

func (e *encoder) bool(b bool) {
	if b {
		e.raw(`true`)
	} else {
		e.raw(`false`)
	}
}

func list[T any](e *encoder, values []T, add func(T)) {
	e.raw(`[`)
	for i, v := range values {
		if e.full() {
			break
		}
		if i > 0 {
			e.raw(`,`)
		}
		add(v)
	}
	e.raw(`]`)
}

// objectText reports whether v is the text of a JSON object.
func objectText(v attribute.Value) bool {
	if v.Type() != attribute.STRING {
		return false
	}
	s := strings.TrimSpace(v.AsString())
	return strings.HasPrefix(s, "{") && json.Valid([]byte(s))
}
