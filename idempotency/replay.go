package idempotency

import (
	"context"
	"log/slog"
	"time"
)

// Replay is a stored answer that a duplicate is about to get. As a log attribute it shows
// everything except the answer.
type Replay struct {
	Key        string    // in the store
	Expiration time.Time // of the record; zero: never
	Cached     bool      // the record comes from the local cache

	// Data is the answer: the bytes of the handler's response, or the result of Call as JSON.
	// OnReplay may replace the slice. It must not change its bytes.
	Data []byte

	// Err is the error if the answer was an error of Options.Final. OnReplay may replace it.
	Err error
}

// LogValue implements slog.LogValuer.
func (r *Replay) LogValue() slog.Value {
	return slog.GroupValue(slog.String("key", r.Key), slog.Time("expiration", r.Expiration), slog.Bool("cached", r.Cached), slog.Bool("error", r.Err != nil))
}

type contextKey struct{ _ byte }

var executionKey = new(contextKey)

// FromContext returns the innermost execution that ctx belongs to, or nil. Inside a function that
// Call runs it is the execution of that Call, else the execution of the Middleware. Middleware
// around the Middleware of this package finds it also if the call was answered with a stored
// result. The methods of a nil *Execution work.
func FromContext(ctx context.Context) *Execution {
	if ctx == nil {
		return nil
	}
	x, _ := ctx.Value(executionKey).(*Execution)
	return x
}

// LogAttrs appends the attribute idempotency_key and, for a stored answer, idempotency_replayed to
// dst. Pass it to package logging as the option FromContext:
//
//	logging.New(&logging.Options{FromContext: idempotency.LogAttrs})
func LogAttrs(ctx context.Context, dst []slog.Attr) []slog.Attr {
	x := FromContext(ctx)
	if x == nil {
		return dst
	}
	dst = append(dst, slog.String("idempotency_key", x.key))
	if x.replayed {
		dst = append(dst, slog.Bool("idempotency_replayed", true))
	}
	return dst
}
