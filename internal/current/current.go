// Package current returns values that a middleware stored in the running invocation.
//
// Other modules import this package, so it changes only by addition.
package current

import (
	"context"

	"github.com/lambdakit/lambdakit"
)

// Value returns the value of key in ctx. A context that carries an invocation belongs to that one
// only. For other contexts without such a value, Value returns that of [lambdakit.Current]. If there
// is no value, it returns the zero T.
func Value[T any](ctx context.Context, key any) T {
	var v T
	if ctx != nil {
		var ok bool
		if v, ok = ctx.Value(key).(T); ok || lambdakit.FromContext(ctx) != nil {
			return v
		}
	}
	if inv := lambdakit.Current(); inv != nil {
		v, _ = inv.Context().Value(key).(T)
	}
	return v
}
