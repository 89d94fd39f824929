package params

import (
	"context"
	"time"
)

// The typed methods of a Cache and a View return a *DecodeError if the value does not have the
// type. White space around the value does not count.

// Int returns the value of a parameter that holds a whole number.
func (s *Cache) Int(ctx context.Context, name string) (int, error) {
	return ints.Get(ctx, s, name)
}

// Int returns the value of a parameter that holds a whole number.
func (v View) Int(ctx context.Context, name string) (int, error) {
	return ints.Get(ctx, v, name)
}

// Float returns the value of a parameter that holds a number.
func (s *Cache) Float(ctx context.Context, name string) (float64, error) {
	return floats.Get(ctx, s, name)
}

// Float returns the value of a parameter that holds a number.
func (v View) Float(ctx context.Context, name string) (float64, error) {
	return floats.Get(ctx, v, name)
}

// Bool returns the value of a parameter that holds true or false, or 1 or 0 and the other texts
// that strconv.ParseBool takes.
func (s *Cache) Bool(ctx context.Context, name string) (bool, error) {
	return bools.Get(ctx, s, name)
}

// Bool returns the value of a parameter that holds true or false, or 1 or 0 and the other texts
// that strconv.ParseBool takes.
func (v View) Bool(ctx context.Context, name string) (bool, error) {
	return bools.Get(ctx, v, name)
}

// Duration returns the value of a parameter that holds a duration such as "1m30s".
func (s *Cache) Duration(ctx context.Context, name string) (time.Duration, error) {
	return durations.Get(ctx, s, name)
}

// Duration returns the value of a parameter that holds a duration such as "1m30s".
func (v View) Duration(ctx context.Context, name string) (time.Duration, error) {
	return durations.Get(ctx, v, name)
}

// Base64 returns the bytes that a parameter holds in base64.
func (s *Cache) Base64(ctx context.Context, name string) ([]byte, error) {
	return base64s.Get(ctx, s, name)
}

// Base64 returns the bytes that a parameter holds in base64.
func (v View) Base64(ctx context.Context, name string) ([]byte, error) {
	return base64s.Get(ctx, v, name)
}
