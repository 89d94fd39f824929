// Package current returns values that a middleware stored in the running invocation.
package current

import (
	"context"

	"github.com/lambdakit/lambdakit"
)

// Value returns the value of key in ctx. If ctx has no such value, it returns the value of key in
// [lambdakit.Current]. If there is no such value either, it returns the zero T.
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
