// Package current finds what a middleware gave an invocation.
package current

import (
	"context"

	"github.com/lambdakit/lambdakit"
)

// Value returns the value under key of the invocation that ctx belongs to, or else of
// the one that runs, while there is exactly one; the zero T where there is none.
func Value[T any](ctx context.Context, key any) T {
	if ctx != nil {
		if v, ok := ctx.Value(key).(T); ok {
			return v
		}
	}
	var v T
	if inv := lambdakit.Current(); inv != nil {
		v, _ = inv.Context().Value(key).(T)
	}
	return v
}
