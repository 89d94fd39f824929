// Package otlptest is a backend for OTLP in tests, with a decoder of its own. Module interop compares
// requests with the decoder of the protobuf library.
package otlptest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"
)

// Span is a span of a request.
type Span struct {
	Name, TraceID, ID, Parent, State string
	Kind, Status                     int
	Message                          string // of the status
	Flags                            uint32
	Attributes                       map[string]string
	Events                           []string
	Links                            []string // trace id/span id
	Scope                            string   // name and version
	Resource                         map[string]string
}

// Decode returns the spans of a request.
func Decode(t testing.TB, body []byte) []Span {
	t.Helper()
	var all []Span
	each(t, body, func(_ int, rs value) { // ResourceSpans
		resource := map[string]string{}
		each(t, rs.bytes, func(field int, v value) {
			if field == 1 {
				each(t, v.bytes, func(_ int, v value) { attribute(t, resource, v.bytes) })
			}
		})
		each(t, rs.bytes, func(field int, v value) {
			if field != 2 {
				return
			}
			var scope []string
			each(t, v.bytes, func(field int, v value) { // ScopeSpans
				switch field {
				case 1:
					each(t, v.bytes, func(field int, v value) {
						if field <= 2 {
							scope = append(scope, string(v.bytes))
						}
					})
				case 2:
					s := span(t, v.bytes)
					s.Scope, s.Resource = strings.Join(scope, " "), resource
					all = append(all, s)
				}
			})
		})
	})
	return all
}

func span(t testing.TB, body []byte) Span {
	s := Span{Attributes: map[string]string{}}
	each(t, body, func(field int, v value) {
		switch field {
		case 1:
			s.TraceID = hex.EncodeToString(v.bytes)
		case 2:
			s.ID = hex.EncodeToString(v.bytes)
		case 3:
			s.State = string(v.bytes)
		case 4:
			s.Parent = hex.EncodeToString(v.bytes)
		case 5:
			s.Name = string(v.bytes)
		case 6:
			s.Kind = int(v.number)
		case 9:
			attribute(t, s.Attributes, v.bytes)
		case 11:
			each(t, v.bytes, func(field int, v value) {
				if field == 2 {
					s.Events = append(s.Events, string(v.bytes))
				}
			})
		case 13:
			ids := ""
			each(t, v.bytes, func(field int, v value) {
				if field <= 2 {
					ids += "/" + hex.EncodeToString(v.bytes)
				}
			})
			s.Links = append(s.Links, ids[1:])
		case 15:
			each(t, v.bytes, func(field int, v value) {
				if field == 2 {
					s.Message = string(v.bytes)
				} else {
					s.Status = int(v.number)
				}
			})
		case 16:
			s.Flags = uint32(v.number)
		}
	})
	return s
}

func attribute(t testing.TB, to map[string]string, body []byte) {
	key, text := "", ""
	each(t, body, func(field int, v value) {
		if field == 1 {
			key = string(v.bytes)
		} else {
			text = anyValue(t, v.bytes)
		}
	})
	if _, ok := to[key]; ok {
		t.Errorf("got the attribute %s twice, want unique keys", key)
	}
	to[key] = text
}

func anyValue(t testing.TB, body []byte) (text string) {
	each(t, body, func(field int, v value) {
		switch field {
		case 1, 7:
			text = string(v.bytes)
		case 2:
			text = fmt.Sprint(v.number == 1)
		case 3:
			text = fmt.Sprint(int64(v.number))
		case 4:
			text = fmt.Sprint(math.Float64frombits(v.number))
		case 5:
			var list []string
			each(t, v.bytes, func(_ int, v value) { list = append(list, anyValue(t, v.bytes)) })
			text = fmt.Sprint(list)
		case 6:
			m := map[string]string{}
			each(t, v.bytes, func(_ int, v value) { attribute(t, m, v.bytes) })
			text = fmt.Sprint(m)
		}
	})
	return text
}

// value is the value of a field.
type value struct {
	number uint64
	bytes  []byte
}

// each calls yield with each field of a message.
func each(t testing.TB, b []byte, yield func(field int, v value)) {
	t.Helper()
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			t.Fatalf("got %x, want a tag", b)
		}
		b = b[n:]
		var v value
		size := 0
		switch key & 7 {
		case 0:
			v.number, size = binary.Uvarint(b)
		case 1:
			v.number, size = binary.LittleEndian.Uint64(b), 8
		case 2:
			length, at := binary.Uvarint(b)
			size = at + int(length)
			v.bytes = b[at:size]
		case 5:
			v.number, size = uint64(binary.LittleEndian.Uint32(b)), 4
		}
		if size <= 0 {
			t.Fatalf("got the tag %x, want a known type", key)
		}
		b = b[size:]
		yield(int(key>>3), v)
	}
}
