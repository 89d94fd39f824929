package params

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Decoder decodes the text of a parameter into a T. Every caller gets a T that shares no memory
// with the T of another caller:
//
//   - If T has no pointers, maps, slices, interfaces and channels, the Decoder is called once
//     for each value that was fetched. Every caller gets a copy of the T or of the error.
//   - Otherwise it is called for each Get.
type Decoder[T any] struct {
	want   string
	decode func(text []byte) (T, error)
}

// NewDecoder returns a Decoder that calls decode, which must not keep text. Errors name the
// expected type as want, such as "rate limit".
func NewDecoder[T any](want string, decode func(text []byte) (T, error)) *Decoder[T] {
	return &Decoder[T]{want, decode}
}

// Get returns the decoded value of a parameter. If decode fails or panics, the error is a
// *DecodeError.
func (d *Decoder[T]) Get(ctx context.Context, g Getter, name string) (T, error) {
	ct, err := contentOf(ctx, g, name)
	if err != nil {
		var zero T
		return zero, err
	}
	if f := findForm[T](ct, d); f != nil {
		return f.get(ct, name)
	}
	return decodeNew(ct, d, name, d)
}

// JSON returns the value of a parameter that contains JSON. If the text is not valid JSON or
// does not fit T, the error is a *DecodeError. The same rules as for a Decoder decide whether JSON
// decodes the text once or for each call.
func JSON[T any](ctx context.Context, g Getter, name string) (T, error) {
	ct, err := contentOf(ctx, g, name)
	if err != nil {
		var zero T
		return zero, err
	}
	key := (*jsonKey[T])(nil)
	if f := findForm[T](ct, key); f != nil {
		return f.get(ct, name)
	}
	return decodeNew[T](ct, key, name, nil)
}

// UnmarshalText returns the value of a parameter that T decodes with its method UnmarshalText,
// such as a netip.Addr, a time.Time or a slog.Level. The method gets the text without the white
// space around it, unless T is a Secret. If it fails, the error is a *DecodeError.
func UnmarshalText[T any, P interface {
	*T
	encoding.TextUnmarshaler
}](ctx context.Context, g Getter, name string) (T, error) {
	ct, err := contentOf(ctx, g, name)
	if err != nil {
		var zero T
		return zero, err
	}
	key := (*textKey[T])(nil)
	if f := findForm[T](ct, key); f != nil {
		return f.get(ct, name)
	}
	d := &Decoder[T]{typeName[T](), func(text []byte) (v T, err error) {
		err = P(&v).UnmarshalText(unmarshalText(reflect.TypeFor[T](), text))
		return v, err
	}}
	return decodeNew(ct, key, name, d)
}

func typeName[T any]() string { return fmt.Sprintf("%T", *new(T)) }

// decode calls d, or decodes JSON if d is nil.
func decode[T any](ct *content, name string, d *Decoder[T]) (v T, err error) {
	want := "JSON"
	if d != nil {
		want = d.want
	}
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the decoder panicked")
		}
		if err != nil {
			var zero T
			v, err = zero, &DecodeError{Name: name, Want: want, cause: err}
		}
	}()
	if d != nil {
		return d.decode([]byte(ct.value.Text))
	}
	if err := json.Unmarshal([]byte(ct.value.Text), &v); err != nil {
		want = "JSON that fits " + typeName[T]()
		return v, err
	}
	return v, nil
}
