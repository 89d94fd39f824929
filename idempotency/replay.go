package idempotency

import (
	"context"
	"log/slog"
	"time"
)

// Replay is a stored answer on its way to a duplicate. As a log attribute it shows everything
// but the answer.
type Replay struct {
	Key        string    // in the store
	Expiration time.Time // of the record; zero: never
	Cached     bool      // it comes from the local cache

	// Data is the answer: the response of the handler as it was, or the result of Call as
	// JSON. OnReplay may replace it; it must not change its bytes.
	Data []byte

	// Err is the error, where that was the answer. OnReplay may replace it.
	Err error
}

// LogValue implements slog.LogValuer.
func (r *Replay) LogValue() slog.Value {
	return slog.GroupValue(slog.String("key", r.Key), slog.Time("expiration", r.Expiration), slog.Bool("cached", r.Cached), slog.Bool("error", r.Err != nil))
}

type contextKey struct{ _ byte }

var runKey = new(contextKey)

// FromContext returns the innermost run that ctx belongs to, nil where there is none: in a
// function that Call runs, that of Call; else that of the Middleware, for middleware around it
// also when the call was answered with a stored result. Its methods may be called on nil.
func FromContext(ctx context.Context) *Execution {
	if ctx == nil {
		return nil
	}
	r, _ := ctx.Value(runKey).(*Execution)
	return r
}

// LogAttrs appends idempotency_key and, for a stored answer, idempotency_replayed to dst. It
// is for the option FromContext of package logging:
//
//	logging.New(&logging.Options{FromContext: idempotency.LogAttrs})
func LogAttrs(ctx context.Context, dst []slog.Attr) []slog.Attr {
	r := FromContext(ctx)
	if r == nil {
		return dst
	}
	dst = append(dst, slog.String("idempotency_key", r.key))
	if r.replayed {
		dst = append(dst, slog.Bool("idempotency_replayed", true))
	}
	return dst
}
