package params

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit"
)

// String returns the value of a parameter.
func (c *Cache) String(ctx context.Context, name string) (string, error) {
	if ct := c.hit(name); ct != nil {
		return ct.value.Text, nil
	}
	return c.view().String(ctx, name)
}

// String returns the value of a parameter.
func (v View) String(ctx context.Context, name string) (string, error) {
	ct, err := v.content(ctx, name)
	if err != nil {
		return "", err
	}
	return ct.value.Text, nil
}

// Bytes returns a copy of the value of a parameter.
func (c *Cache) Bytes(ctx context.Context, name string) ([]byte, error) {
	return c.view().Bytes(ctx, name)
}

// Bytes returns a copy of the value of a parameter.
func (v View) Bytes(ctx context.Context, name string) ([]byte, error) {
	text, err := v.String(ctx, name)
	return []byte(text), err
}

// Secret returns the value of a parameter as a Secret, which prints as [redacted].
func (c *Cache) Secret(ctx context.Context, name string) (lambdakit.Secret, error) {
	return c.view().Secret(ctx, name)
}

// Secret returns the value of a parameter as a Secret, which prints as [redacted].
func (v View) Secret(ctx context.Context, name string) (lambdakit.Secret, error) {
	ct, err := v.content(ctx, name)
	if err != nil {
		return lambdakit.Secret{}, err
	}
	return ct.secretOf(), nil
}

// Value returns the value of a parameter with its version.
func (c *Cache) Value(ctx context.Context, name string) (Value, error) {
	return c.view().Value(ctx, name)
}

// Value returns the value of a parameter with its version.
func (v View) Value(ctx context.Context, name string) (Value, error) {
	ct, err := v.content(ctx, name)
	if err != nil {
		return Value{}, err
	}
	return ct.value, nil
}

var (
	intDecoder      = NewDecoder("whole number", func(text []byte) (int, error) { return strconv.Atoi(string(trim(text))) })
	floatDecoder    = NewDecoder("number", func(text []byte) (float64, error) { return strconv.ParseFloat(string(trim(text)), 64) })
	boolDecoder     = NewDecoder("boolean", func(text []byte) (bool, error) { return strconv.ParseBool(string(trim(text))) })
	durationDecoder = NewDecoder("duration", func(text []byte) (time.Duration, error) { return time.ParseDuration(string(trim(text))) })
	base64Decoder   = NewDecoder("base64", func(text []byte) ([]byte, error) { return base64.StdEncoding.AppendDecode(nil, trim(text)) })
)

func trim(text []byte) []byte { return []byte(strings.TrimSpace(string(text))) }

// Int returns the value of a parameter as a decimal integer. It ignores white space around the
// number. A value that is not an integer is a *DecodeError.
func (c *Cache) Int(ctx context.Context, name string) (int, error) {
	return intDecoder.Get(ctx, c, name)
}

// Int returns the value of a parameter as a decimal integer. See [Cache.Int].
func (v View) Int(ctx context.Context, name string) (int, error) {
	return intDecoder.Get(ctx, v, name)
}

// Float returns the value of a parameter as a floating-point number. It ignores white space
// around the number. A value that is not a number is a *DecodeError.
func (c *Cache) Float(ctx context.Context, name string) (float64, error) {
	return floatDecoder.Get(ctx, c, name)
}

// Float returns the value of a parameter as a floating-point number. See [Cache.Float].
func (v View) Float(ctx context.Context, name string) (float64, error) {
	return floatDecoder.Get(ctx, v, name)
}

// Bool returns the value of a parameter as a boolean. It accepts the texts of
// strconv.ParseBool: true, false, 1, 0 and others. It ignores white space around the text. Another
// value is a *DecodeError.
func (c *Cache) Bool(ctx context.Context, name string) (bool, error) {
	return boolDecoder.Get(ctx, c, name)
}

// Bool returns the value of a parameter as a boolean. See [Cache.Bool].
func (v View) Bool(ctx context.Context, name string) (bool, error) {
	return boolDecoder.Get(ctx, v, name)
}

// Duration returns the value of a parameter as a duration such as "1m30s". It ignores white space
// around the text. A value that time.ParseDuration rejects is a *DecodeError.
func (c *Cache) Duration(ctx context.Context, name string) (time.Duration, error) {
	return durationDecoder.Get(ctx, c, name)
}

// Duration returns the value of a parameter as a duration. See [Cache.Duration].
func (v View) Duration(ctx context.Context, name string) (time.Duration, error) {
	return durationDecoder.Get(ctx, v, name)
}

// Base64 returns the bytes of a parameter that is encoded in standard base64. It ignores white
// space around the text. A value that is not base64 is a *DecodeError.
func (c *Cache) Base64(ctx context.Context, name string) ([]byte, error) {
	return base64Decoder.Get(ctx, c, name)
}

// Base64 returns the bytes of a parameter that is encoded in standard base64. See
// [Cache.Base64].
func (v View) Base64(ctx context.Context, name string) ([]byte, error) {
	return base64Decoder.Get(ctx, v, name)
}
