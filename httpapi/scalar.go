package httpapi

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"time"
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// scalar sets values of a type from texts.
type scalar struct {
	set  func(to reflect.Value, text string) error
	what string // such as "an integer", for problems
}

var errText = errors.New("the text does not fit")

// scalarOf returns the scalar of a type. ok is false if the type cannot be set from a text.
func scalarOf(t reflect.Type) (s scalar, ok bool) {
	switch {
	case t == timeType:
		return scalar{setTime, "a time such as 2026-01-02T15:04:05Z"}, true
	case t == durationType:
		return scalar{setDuration, "a duration such as 1m30s"}, true
	case reflect.PointerTo(t).Implements(textType):
		return scalar{setUnmarshaler, "in another form"}, true
	}
	switch t.Kind() {
	case reflect.String:
		return scalar{func(to reflect.Value, text string) error { to.SetString(text); return nil }, "a text"}, true
	case reflect.Bool:
		return scalar{setBool, "true or false"}, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scalar{setInt, "an integer of " + strconv.Itoa(t.Bits()) + " bits"}, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scalar{setUint, "an integer of " + strconv.Itoa(t.Bits()) + " bits, not negative"}, true
	case reflect.Float32, reflect.Float64:
		return scalar{setFloat, "a number"}, true
	}
	return s, false
}

func setTime(to reflect.Value, text string) error {
	t, err := time.Parse(time.RFC3339, text)
	to.Set(reflect.ValueOf(t))
	return err
}

func setDuration(to reflect.Value, text string) error {
	d, err := time.ParseDuration(text)
	to.SetInt(int64(d))
	return err
}

func setUnmarshaler(to reflect.Value, text string) error {
	return to.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
}

func setBool(to reflect.Value, text string) error {
	switch text {
	case "true", "1":
		to.SetBool(true)
	case "false", "0":
		to.SetBool(false)
	default:
		return errText
	}
	return nil
}

func setInt(to reflect.Value, text string) error {
	n, err := strconv.ParseInt(text, 10, to.Type().Bits())
	to.SetInt(n)
	return err
}

func setUint(to reflect.Value, text string) error {
	n, err := strconv.ParseUint(text, 10, to.Type().Bits())
	to.SetUint(n)
	return err
}

func setFloat(to reflect.Value, text string) error {
	f, err := strconv.ParseFloat(text, to.Type().Bits())
	if err == nil && (f != f || f-f != 0) { // NaN and infinities are no numbers of JSON
		err = errText
	}
	to.SetFloat(f)
	return err
}
