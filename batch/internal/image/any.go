package image

import (
	"encoding/base64"
	"errors"
	"strconv"
)

// any consumes the JSON value of a DynamoDB type and returns it as an interface holds it.
func (d *decoder) any(kind string) (any, error) {
	switch kind {
	case "BOOL":
		return d.bool()
	case "M":
		return d.anyMap()
	case "L":
		return slice(d, d.anyValue)
	case "SS":
		return slice(d, func() (string, error) { return read(d, toString) })
	case "NS":
		return slice(d, func() (float64, error) { return read(d, toFloat) })
	case "BS":
		return slice(d, func() ([]byte, error) { return read(d, toBytes) })
	}
	text, err := d.string()
	if err != nil {
		return nil, err
	}
	return anyScalar(kind, text)
}

// anyValue is value for an element of the type any.
func (d *decoder) anyValue() (x any, err error) {
	kind, err := d.open()
	if err != nil {
		return nil, err
	}
	if kind == "NULL" {
		_, err = d.bool()
	} else {
		x, err = d.any(kind)
	}
	if err != nil {
		return nil, err
	}
	return x, d.close()
}

func (d *decoder) anyMap() (map[string]any, error) {
	m, n := map[string]any{}, 0
	err := d.members(func(name []byte) error {
		x, err := d.anyValue()
		m[string(name)] = x
		n++
		return within("[]", err)
	})
	if err == nil && len(m) != n {
		err = errDuplicate
	}
	return m, err
}

// slice consumes an array whose elements next returns.
func slice[T any](d *decoder, next func() (T, error)) ([]T, error) {
	s := []T{}
	err := d.elements(func() error {
		x, err := next()
		s = append(s, x)
		return within("[]", err)
	})
	return s, err
}

// read consumes a JSON string and converts it.
func read[T any](d *decoder, convert func([]byte) (T, error)) (x T, err error) {
	text, err := d.string()
	if err != nil {
		return x, err
	}
	return convert(text)
}

// anyScalar returns text of the DynamoDB type S, N or B as an interface holds it.
func anyScalar(kind string, text []byte) (any, error) {
	switch kind {
	case "S":
		return toString(text)
	case "N":
		return toFloat(text)
	}
	return toBytes(text)
}

func toString(text []byte) (string, error) { return string(text), nil }

func toFloat(text []byte) (float64, error) {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, errors.New("the value of DynamoDB type N is not valid for float64")
	}
	return f, nil
}

func toBytes(text []byte) ([]byte, error) {
	b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(b, text)
	if err != nil {
		return nil, errors.New("the value of DynamoDB type B is not base64")
	}
	return b[:n], nil
}
