package idempotency

import (
	"context"
	"encoding/json"
	"fmt"
)

// Do runs fn once for key, and returns what it returned to the duplicates as well: its result
// as JSON decodes it, and its error where Options.Final has it. Other errors, and panics, go to
// the caller and let the next call run.
//
// A key is a string, a json.RawMessage, or any value that encodes as JSON; Options.Key and
// Options.Validate pick from it as from an event. Two functions with equal keys need an
// Idempotency each that [Idempotency.Scope] makes.
//
// Besides what fn returns the error is an ErrNoKey, ErrInProgress, ErrPayloadMismatch,
// ErrResultLost or ErrInconsistent, or one of the store, all of them before fn has run; or an
// ErrLeaseLost after it has, together with the result.
func Do[T any](ctx context.Context, i *Idempotency, key any, fn func(context.Context) (T, error)) (T, error) {
	var result T
	event, err := eventOf(key)
	if err != nil {
		return result, err
	}
	run, p, err := i.begin(ctx, event)
	switch {
	case err != nil:
		return result, err
	case p != nil:
		err := i.replayInto(ctx, p, &result)
		return result, err
	case run == nil:
		return fn(ctx)
	}

	returned := false
	defer func() {
		if !returned {
			run.release(ctx)
		}
	}()
	result, err = fn(context.WithValue(ctx, runKey, run))
	returned = true
	if err != nil {
		if final := i.final(err); final == nil {
			run.release(ctx)
		} else if lost := run.complete(ctx, outcome{err: final}); lost != nil {
			return result, fmt.Errorf("%w (%w)", err, lost)
		}
		return result, err
	}
	return result, run.completeValue(ctx, result)
}

// completeValue completes a run with a result that must be encoded first.
func (r *Run) completeValue(ctx context.Context, result any) error {
	data, err := r.guard(ctx, func() ([]byte, error) { return marshal(result) })
	if err != nil {
		return r.lose(ctx, fmt.Errorf("it does not encode as JSON: %w", err))
	}
	return r.complete(ctx, outcome{result: data})
}

// replayInto decodes a stored answer.
func (i *Idempotency) replayInto(ctx context.Context, p *Replay, result any) error {
	if i.o.OnReplay != nil {
		i.o.OnReplay(context.WithValue(ctx, runKey, &Run{i: i, key: p.Key, replayed: true}), p)
	}
	if p.Err != nil {
		return p.Err
	}
	if len(p.Data) == 0 { // another library stored no result
		return nil
	}
	if err := json.Unmarshal(p.Data, result); err != nil {
		return keyError(p.Key, fmt.Errorf("the stored result is no %T: %w", result, err))
	}
	return nil
}

// eventOf returns a key of Do as the JSON that expressions look at.
func eventOf(key any) ([]byte, error) {
	switch key := key.(type) {
	case string:
		text, err := appendText(nil, key)
		if err != nil {
			return nil, fmt.Errorf("idempotency: %w", err)
		}
		return text, nil
	case json.RawMessage:
		return key, nil
	}
	text, err := marshal(key)
	if err != nil {
		return nil, fmt.Errorf("idempotency: the key does not encode as JSON: %w", err)
	}
	return text, nil
}
