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
func (i *Idempotency) Middleware(next lambdakit.Handler) lambdakit.Handler {
	return func(ctx context.Context, inv *lambdakit.Invocation) error {
		if inv.Streams() && !i.disabled {
			return ErrStream
		}
		run, p, err := i.begin(ctx, event{text: inv.Payload()})
		switch {
		case err != nil:
			return err
		case p != nil:
			return i.respond(ctx, inv, p)
		case run == nil:
			return next(ctx, inv)
		}
		inv.SetValue(runKey, run)
		defer func() {
			if inv.Unencoded() && !run.concluded.Load() {
				run.lose(ctx, "encoding the response panicked", nil)
			}
			run.abandon(ctx)
		}()
		err = next(ctx, inv)
		return i.conclude(ctx, inv, run, err)
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
func (i *Idempotency) respond(ctx context.Context, inv *lambdakit.Invocation, p *Replay) error {
	inv.SetValue(runKey, &Run{i: i, key: p.Key, replayed: true})
	if i.o.OnReplay != nil {
		i.o.OnReplay(ctx, p)
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
func (i *Idempotency) conclude(ctx context.Context, inv *lambdakit.Invocation, run *Run, err error) error {
	if err != nil {
		switch final := i.final(err); {
		case final != nil:
			i.reportLost(run.complete(ctx, outcome{err: final})) // the caller gets the handler's error
		case inv.Unencoded():
			i.reportLost(run.lose(ctx, "it does not encode as JSON", err))
		default:
			run.release(ctx)
		}
		return err
	}
	if inv.Stream() != nil { // of a middleware, read when all have returned
		return answered(inv, run.lose(ctx, "it is a stream", nil))
	}
	response := inv.Response()
	if response == nil {
		response = []byte("null")
	}
	return answered(inv, run.complete(ctx, outcome{result: response}))
}

// reportLost tells OnError of a lost lease that the caller does not hear of.
func (i *Idempotency) reportLost(err error) {
	if errors.Is(err, ErrLeaseLost) {
		i.report.Report(err)
	}
}
