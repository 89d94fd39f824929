// Package expected marks contexts of calls whose caller expects some error codes, such as
// "ConditionalCheckFailedException". A span of such a call does not count the code as an error.
//
// Other modules import this package, so it changes only by addition.
package expected

import "context"

// marked is a context whose calls may fail with a code.
type marked struct {
	context.Context
	code string
}

var key = new(ctxKey)

type ctxKey struct{ _ byte }

// NewContext returns a context whose calls may fail with code. Codes that ctx has already stay.
func NewContext(ctx context.Context, code string) context.Context { return &marked{ctx, code} }

// Is reports whether calls with ctx may fail with code.
func Is(ctx context.Context, code string) bool {
	m, _ := ctx.Value(key).(*marked)
	for m != nil && m.code != code {
		m, _ = m.Context.Value(key).(*marked)
	}
	return m != nil
}

// Value implements context.Context.
func (m *marked) Value(k any) any {
	if k == key {
		return m
	}
	return m.Context.Value(k)
}
