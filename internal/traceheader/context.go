package traceheader

import "context"

// contextKey is the key of aws-lambda-go.
const contextKey = "x-amzn-trace-id"

// Variable is the environment variable in which aws-lambda-go stores the header of the latest
// invocation.
const Variable = "_X_AMZN_TRACE_ID"

// NewContext returns a context that carries the header of an invocation, as that of aws-lambda-go.
func NewContext(parent context.Context, header string) context.Context {
	//lint:ignore SA1029 the key of aws-lambda-go
	return context.WithValue(parent, contextKey, header)
}

// FromContext returns the header that aws-lambda-go stored in ctx, and whether there is one.
func FromContext(ctx context.Context) (header string, ok bool) {
	header, ok = ctx.Value(contextKey).(string)
	return header, ok
}
