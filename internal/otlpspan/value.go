package otlpspan

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// maxDepth bounds lists and maps inside each other.
const maxDepth = 16

// attribute reads a KeyValue into a map.
func attribute(to map[string]any, b []byte, depth int) error {
	var key string
	var value any
	err := fields(b, func(f field) (err error) {
		switch f.number {
		case 1:
			key = text(f.data)
		case 2:
			value, err = anyValue(f.data, depth)
		}
		return err
	})
	if err == nil {
		to[key] = value
	}
	return err
}

// anyValue reads an AnyValue. The result can be encoded as JSON.
func anyValue(b []byte, depth int) (value any, err error) {
	if depth > maxDepth {
		return "…", nil
	}
	err = fields(b, func(f field) (err error) {
		switch f.number {
		case 1:
			value = text(f.data)
		case 2:
			value = f.n != 0
		case 3:
			value = int64(f.n)
		case 4:
			value = number(math.Float64frombits(f.n))
		case 5:
			list := []any{}
			err = fields(f.data, func(f field) error {
				v, err := anyValue(f.data, depth+1)
				list = append(list, v)
				return err
			})
			value = list
		case 6:
			object := make(map[string]any)
			err = fields(f.data, func(f field) error { return attribute(object, f.data, depth+1) })
			value = object
		case 7:
			value = base64.StdEncoding.EncodeToString(f.data)
		}
		return err
	})
	return value, err
}

// number returns a number that JSON has, or its text.
func number(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return f
}

func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
