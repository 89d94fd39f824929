package idempotency

import (
	"bytes"
	"context"
	"errors"

	"github.com/lambdakit/lambdakit"
)

// Middleware makes a handler run once per key; duplicates get the bytes of the stored
// response, or a *StoredError, which reaches the caller with the type and message of the
// first call's error. Functions that stream their response are refused with an ErrStream. It
// belongs inside the middleware of logs, metrics and traces, so that they see replays as well.
func (g *Guard) Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if inv.Streams() && !g.disabled {
			return ErrStream
		}
		run, p, err := g.begin(ctx, event{text: inv.Payload()})
		switch {
		case err != nil:
			return err
		case p != nil:
			return g.respond(ctx, inv, p)
		case run == nil:
			return next(ctx, inv)
		}
		inv.SetValue(runKey, run)
		defer func() {
			if inv.Unencoded() && !run.concluded.Load() {
				run.completeLost(ctx, "encoding the response panicked", nil)
			}
			run.releaseUnfinished(ctx)
		}()
		err = next(ctx, inv)
		return g.conclude(ctx, inv, run, err)
	}
}

// answered lets the response of a handler go out whose record the store did not confirm. An
// error would make callers and queues ask again, and the work is done.
func answered(inv *lambdakit.Invocation, err error) error {
	if errors.Is(err, ErrNotRecorded) {
		inv.Fail(err)
		return nil
	}
	return err
}

// respond answers a duplicate.
func (g *Guard) respond(ctx context.Context, inv *lambdakit.Invocation, p *Replay) error {
	inv.SetValue(runKey, &Execution{guard: g, key: p.Key, replayed: true})
	if g.o.OnReplay != nil {
		g.o.OnReplay(ctx, p)
	}
	if p.Err != nil {
		return p.Err
	}
	response := p.Data
	if response == nil { // another library stored no result
		response = []byte("null")
	}
	inv.SetResponse(bytes.Clone(response)) // the next duplicate gets them too
	return nil
}

// conclude stores what the handler came to, and returns the error of the invocation.
func (g *Guard) conclude(ctx context.Context, inv *lambdakit.Invocation, run *Execution, err error) error {
	if err != nil {
		switch final := g.final(err); {
		case final != nil:
			g.reportLost(run.complete(ctx, outcome{err: final})) // the caller gets the handler's error
		case inv.Unencoded():
			g.reportLost(run.completeLost(ctx, "it does not encode as JSON", err))
		default:
			run.release(ctx)
		}
		return err
	}
	if inv.Stream() != nil { // of a middleware, read when all have returned
		return answered(inv, run.completeLost(ctx, "it is a stream", nil))
	}
	response := inv.Response()
	if response == nil {
		response = []byte("null")
	}
	return answered(inv, run.complete(ctx, outcome{result: response}))
}

// reportLost tells OnError of a lost lease that the caller does not hear of.
func (g *Guard) reportLost(err error) {
	if errors.Is(err, ErrLeaseLost) {
		g.report.Report(err)
	}
}
