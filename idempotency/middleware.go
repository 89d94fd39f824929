package idempotency

import (
	"bytes"
	"context"
	"errors"

	"github.com/lambdakit/lambdakit"
)

// Middleware runs a handler once per key. Duplicates get the bytes of the stored response, or a
// *StoredError, which reaches the caller of the function with the type and message of the first
// call's error. A function that streams its response gets an ErrStream. Pass Middleware to Wrap
// behind the middleware of logs, metrics and traces, so that they observe replays too.
func (g *Guard) Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if inv.Streams() && !g.disabled {
			return ErrStream
		}
		x, replay, err := g.begin(ctx, event{text: inv.Payload()})
		switch {
		case err != nil:
			return err
		case replay != nil:
			return g.respond(ctx, inv, replay)
		case x == nil:
			return next(ctx, inv)
		}
		inv.SetValue(executionKey, x)
		defer func() {
			if inv.Unencoded() && !x.ended.Load() {
				x.completeWithoutResult(ctx, "encoding the response panicked", nil)
			}
			x.deleteAfterPanic(ctx)
		}()
		err = next(ctx, inv)
		return g.end(ctx, inv, x, err)
	}
}

// succeedIfDone turns an ErrNotRecorded into a mark on the invocation, so that the response goes
// out. An error would make callers and queues retry, although the work is done.
func succeedIfDone(inv *lambdakit.Invocation, err error) error {
	if errors.Is(err, ErrNotRecorded) {
		inv.Fail(err)
		return nil
	}
	return err
}

// respond answers a duplicate.
func (g *Guard) respond(ctx context.Context, inv *lambdakit.Invocation, r *Replay) error {
	inv.SetValue(executionKey, &Execution{guard: g, key: r.Key, replayed: true})
	if g.options.OnReplay != nil {
		g.options.OnReplay(ctx, r)
	}
	if r.Err != nil {
		return r.Err
	}
	response := r.Data
	if response == nil { // a record of another library without a result
		response = []byte("null")
	}
	inv.SetResponse(bytes.Clone(response)) // the cache keeps r.Data for the next duplicate
	return nil
}

// end stores the outcome of the handler, and returns the error of the invocation.
func (g *Guard) end(ctx context.Context, inv *lambdakit.Invocation, x *Execution, err error) error {
	if err != nil {
		switch final := g.finalError(err); {
		case final != nil:
			g.reportLeaseLost(x.complete(ctx, outcome{err: final})) // the caller gets err
		case inv.Unencoded():
			g.reportLeaseLost(x.completeWithoutResult(ctx, "it does not encode as JSON", err))
		default:
			x.deleteAfterFailure(ctx)
		}
		return err
	}
	if inv.Stream() != nil { // a middleware has set it, and it is read after all have returned
		return succeedIfDone(inv, x.completeWithoutResult(ctx, "it is a stream", nil))
	}
	response := inv.Response()
	if response == nil {
		response = []byte("null")
	}
	return succeedIfDone(inv, x.complete(ctx, outcome{result: response}))
}

// reportLeaseLost reports an ErrLeaseLost that the caller does not get.
func (g *Guard) reportLeaseLost(err error) {
	if errors.Is(err, ErrLeaseLost) {
		g.report.Report(err)
	}
}
