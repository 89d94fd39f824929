package header

import "context"

var contextKey = new(ctxKey)

type ctxKey struct{ _ byte }

// NewContext returns a context that carries a header.
func NewContext(ctx context.Context, h Header) context.Context {
	return context.WithValue(ctx, contextKey, &h)
}

// FromContext returns the header that ctx carries, or the zero Header.
func FromContext(ctx context.Context) Header {
	if ctx != nil {
		if h, ok := ctx.Value(contextKey).(*Header); ok {
			return *h
		}
	}
	return Header{}
}
