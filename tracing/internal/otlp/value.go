package otlp

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
)

// Fields of AnyValue. One of them is present, also if it is zero.
const (
	anyString = 1
	anyBool   = 2
	anyInt    = 3
	anyDouble = 4
	anyArray  = 5
	anyMap    = 6
	anyBytes  = 7
)

// maxDepth limits how deep values are nested. A deeper value becomes text: decoders accept a
// limited number of nested messages, often 100, and a level has three.
const maxDepth = 24

// AppendAttribute appends a KeyValue as the field of a message. It cuts strings to limit
// characters if limit is not negative.
func AppendAttribute(dst []byte, field byte, a attribute.KeyValue, limit int) []byte {
	return appendKeyValue(dst, field, a, limit, 0)
}

//go:noinline
func appendKeyValue(dst []byte, field byte, a attribute.KeyValue, limit, depth int) []byte {
	dst, at := begin(dst, field)
	dst = appendText(dst, 1, string(a.Key))
	dst = appendValue(dst, 2, a.Value, limit, depth)
	return end(dst, at)
}

// appendTextAttribute is AppendAttribute for a value that is text.
//
//go:noinline
func appendTextAttribute(dst []byte, field byte, key, value string, limit int) []byte {
	dst, at := begin(dst, field)
	dst = appendText(dst, 1, key)
	dst = appendStringValue(dst, 2, cut(value, limit))
	return end(dst, at)
}

// appendValue appends an AnyValue as the field of a message.
func appendValue(dst []byte, field byte, v attribute.Value, limit, depth int) []byte {
	switch v.Type() {
	case attribute.STRING:
		return appendStringValue(dst, field, cut(v.AsString(), limit))
	case attribute.BOOL:
		return appendBoolValue(dst, field, v.AsBool())
	case attribute.INT64:
		return appendIntValue(dst, field, v.AsInt64())
	case attribute.FLOAT64:
		return appendDoubleValue(dst, field, v.AsFloat64())
	}
	if depth >= maxDepth {
		return appendStringValue(dst, field, cut(v.String(), limit))
	}
	dst, at := begin(dst, field)
	switch v.Type() {
	case attribute.BYTESLICE:
		dst = appendBytes(dst, anyBytes, v.AsByteSlice())
		return end(dst, at)
	case attribute.EMPTY:
		return end(dst, at)
	}
	kind := byte(anyArray)
	if v.Type() == attribute.MAP {
		kind = anyMap
	}
	dst, list := begin(dst, kind)
	switch v.Type() {
	case attribute.BOOLSLICE:
		for _, e := range v.AsBoolSlice() {
			dst = appendBoolValue(dst, 1, e)
		}
	case attribute.INT64SLICE:
		for _, e := range v.AsInt64Slice() {
			dst = appendIntValue(dst, 1, e)
		}
	case attribute.FLOAT64SLICE:
		for _, e := range v.AsFloat64Slice() {
			dst = appendDoubleValue(dst, 1, e)
		}
	case attribute.STRINGSLICE:
		for _, e := range v.AsStringSlice() {
			dst = appendStringValue(dst, 1, cut(e, limit))
		}
	case attribute.SLICE:
		for _, e := range v.AsSlice() {
			dst = appendValue(dst, 1, e, limit, depth+1)
		}
	case attribute.MAP:
		list := v.AsMap() // sorted, and stable: of equal keys, the last one counts
		for i := range list {
			if i+1 == len(list) || list[i].Key != list[i+1].Key {
				dst = appendKeyValue(dst, 1, list[i], limit, depth+1)
			}
		}
	}
	return end(end(dst, list), at)
}

//go:noinline
func appendStringValue(dst []byte, field byte, s string) []byte {
	dst, at := begin(dst, field)
	return end(appendString(dst, anyString, s), at)
}

//go:noinline
func appendBoolValue(dst []byte, field byte, v bool) []byte {
	var n byte
	if v {
		n = 1
	}
	return append(dst, tag(field, message), 2, tag(anyBool, varint), n)
}

//go:noinline
func appendIntValue(dst []byte, field byte, v int64) []byte {
	dst, at := begin(dst, field)
	return end(appendUint(dst, anyInt, uint64(v)), at)
}

//go:noinline
func appendDoubleValue(dst []byte, field byte, v float64) []byte {
	return appendFixed64(append(dst, tag(field, message), 9), anyDouble, math.Float64bits(v))
}

// cut returns the first characters of s, at most limit. A negative limit is none.
//
//go:noinline
func cut(s string, limit int) string {
	if limit < 0 || len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}
