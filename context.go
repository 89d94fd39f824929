package lambdakit

import (
	"context"
	"os"
	"slices"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdakit/lambdakit/internal/execenv"
	"github.com/lambdakit/lambdakit/internal/traceheader"
)

// FromContext returns the invocation that ctx carries, or nil.
func FromContext(ctx context.Context) *Invocation {
	if ctx == nil {
		return nil
	}
	inv, _ := ctx.Value(invocationKey).(*Invocation)
	return inv
}

// Context returns the context of the invocation.
func (inv *Invocation) Context() context.Context { return &inv.ctx }

// SetValue adds a value to the context of the invocation: Value(key) of the context, and of every
// context derived from it, returns v. It costs less than context.WithValue. Call it in a
// Middleware, before the Middleware calls next. A pointer to a type of the
// package's own is the fastest key to compare.
func (inv *Invocation) SetValue(key, v any) {
	inv.mu.Lock()
	if n := inv.nValues.Load(); int(n) < len(inv.values) {
		inv.values[n] = value{key, v}
		inv.nValues.Store(n + 1)
	} else {
		inv.addValue(value{key, v})
	}
	inv.mu.Unlock()
}

// addValue adds a value that does not fit into the array. The caller holds inv.mu.
func (inv *Invocation) addValue(v value) {
	var more []value
	if p := inv.moreValues.Load(); p != nil {
		more = slices.Clone(*p)
	}
	more = append(more, v)
	inv.moreValues.Store(&more)
}

// value returns the value that SetValue stored last for key.
func (inv *Invocation) value(key any) (any, bool) {
	if p := inv.moreValues.Load(); p != nil {
		for i := len(*p) - 1; i >= 0; i-- {
			if (*p)[i].key == key {
				return (*p)[i].v, true
			}
		}
	}
	for i := inv.nValues.Load() - 1; i >= 0; i-- {
		if inv.values[i].key == key {
			return inv.values[i].v, true
		}
	}
	return nil, false
}

// invocationKey is the context key of the invocation.
var invocationKey = new(ctxKey)

type ctxKey struct{ _ byte }

type value struct{ key, v any }

// invocationContext is the context of an invocation. It adds the invocation and the values of
// SetValue to the context that aws-lambda-go made.
type invocationContext struct {
	context.Context
	inv *Invocation
}

func (c *invocationContext) Value(key any) any {
	switch key {
	case invocationKey:
		return c.inv
	case execenv.Key: // each middleware asks for it
		return c.inv.env
	}
	if v, ok := c.inv.value(key); ok {
		return v
	}
	return c.Context.Value(key)
}

// traceHeader returns the trace header that aws-lambda-go received, or "". All invocations of a
// process share the environment variable, so it is ignored if several may run at the same time.
func traceHeader(ctx context.Context) string {
	if h, ok := traceheader.FromContext(ctx); ok {
		return h
	}
	if lambdacontext.MaxConcurrency() == 1 {
		return os.Getenv(traceheader.Variable)
	}
	return ""
}
