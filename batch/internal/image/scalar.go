package image

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// scalar decodes text of the DynamoDB type S, N or B into v, which is not a pointer.
func scalar(kind string, text []byte, v reflect.Value) error {
	switch k := v.Kind(); {
	case kind == "B":
		return setBinary(v, text)
	case k == reflect.String:
		v.SetString(string(text))
		return nil
	case k == reflect.Struct && v.Type().ConvertibleTo(timeType):
		return setTime(kind, v, text)
	case kind == "N":
		return setNumber(v, text)
	}
	return mismatch(kind, v)
}

func setNumber(v reflect.Value, text []byte) error {
	var err error
	var overflow bool
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		var i int64
		i, err = strconv.ParseInt(string(text), 10, v.Type().Bits())
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		var i uint64
		i, err = strconv.ParseUint(string(text), 10, v.Type().Bits())
		v.SetUint(i)
	case reflect.Float32, reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(string(text), 64)
		overflow = v.OverflowFloat(f)
		v.SetFloat(f)
	default:
		return mismatch("N", v)
	}
	if err != nil || overflow {
		return invalid("N", v)
	}
	return nil
}

func setTime(kind string, v reflect.Value, text []byte) error {
	var t time.Time
	var err error
	if kind == "N" {
		var s int64
		s, err = strconv.ParseInt(string(text), 10, 64)
		t = time.Unix(s, 0)
	} else {
		t, err = time.Parse(time.RFC3339, string(text))
	}
	if err != nil {
		return invalid(kind, v)
	}
	v.Set(reflect.ValueOf(t).Convert(v.Type()))
	return nil
}

func setBinary(v reflect.Value, text []byte) error {
	list := v.Kind() == reflect.Slice || v.Kind() == reflect.Array
	if !list || v.Type().Elem().Kind() != reflect.Uint8 {
		return mismatch("B", v)
	}
	b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(b, text)
	if err != nil {
		return invalid("B", v)
	}
	b = b[:n]
	if v.Kind() == reflect.Slice {
		v.SetBytes(b)
		return nil
	}
	if len(b) != v.Len() {
		return invalid("B", v)
	}
	for i, c := range b {
		v.Index(i).SetUint(uint64(c))
	}
	return nil
}
