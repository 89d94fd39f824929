package idempotency

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Call runs fn once for key, and returns what it returned to the duplicates as well: its result
// as JSON decodes it, and its error where Options.Final has it. Other errors, and panics, go to
// the caller and let the next call run.
//
// A key that is a string is the key itself. Any other, a []byte or json.RawMessage with JSON,
// or a value that encodes as JSON, is looked at as an event is: Options.Key, KeyFunc and
// Validate pick from it; a value's encoding must not have the escape \ufffd, which
// encoding/json writes for bytes that are not UTF-8. Two functions with equal keys need an
// Guard each that [Guard.Scope] makes.
//
// Besides what fn returns the error is an ErrNoKey, ErrEvent, ErrInProgress, ErrPayloadMismatch,
// ErrResultLost, ErrResultType or ErrInconsistent, or one of the store, all of them without fn
// having run; or an ErrLeaseLost after it has, together with the result.
//
// A result that does not encode, or does not fit the store, goes to the caller all the same.
// OnError is told, and duplicates get an ErrResultLost until the record expires: the work is
// done, and what it came to is not known any more. A consumer of a queue can take that for done.
func Call[T any](ctx context.Context, g *Guard, key any, fn func(context.Context) (T, error)) (T, error) {
	var result T
	event, err := eventOf(key)
	if err != nil {
		return result, err
	}
	run, p, err := g.begin(ctx, event)
	switch {
	case err != nil:
		return result, err
	case p != nil:
		err := g.replayInto(ctx, p, &result)
		return result, err
	case run == nil:
		return fn(ctx)
	}

	defer run.releaseUnfinished(ctx)
	result, err = fn(context.WithValue(ctx, runKey, run))
	if err != nil {
		if final := g.final(err); final == nil {
			run.release(ctx)
		} else if lost := run.complete(ctx, outcome{err: final}); lost != nil {
			return result, fmt.Errorf("%w (%w)", err, lost)
		}
		return result, err
	}
	return result, run.completeValue(ctx, result)
}

// Run is [Call] for a function without a result.
func Run(ctx context.Context, g *Guard, key any, fn func(context.Context) error) error {
	_, err := Call(ctx, g, key, func(ctx context.Context) (any, error) { return nil, fn(ctx) })
	return err
}

// completeValue completes a run with a result that must be encoded first.
func (x *Execution) completeValue(ctx context.Context, result any) error {
	data, err := x.encode(ctx, func() ([]byte, error) { return marshal(result) })
	if err != nil {
		return x.completeLost(ctx, "it does not encode as JSON", err)
	}
	if replaced(data) {
		x.guard.report.Report(keyError(x.key, errors.New("the result has text that is not valid UTF-8: duplicates get U+FFFD in its place; use []byte for bytes")))
	}
	return x.complete(ctx, outcome{result: data})
}

// replayInto decodes a stored answer.
func (g *Guard) replayInto(ctx context.Context, p *Replay, result any) error {
	if g.o.OnReplay != nil {
		g.o.OnReplay(context.WithValue(ctx, runKey, &Execution{guard: g, key: p.Key, replayed: true}), p)
	}
	if p.Err != nil {
		return p.Err
	}
	if len(p.Data) == 0 { // another library stored no result
		return nil
	}
	if err := json.Unmarshal(p.Data, result); err != nil {
		return keyError(p.Key, fmt.Errorf("%w: %T (%T)", ErrResultType, result, err)) // the text of err may hold parts of it
	}
	return nil
}

// event is what a key is made of.
type event struct {
	text  []byte // JSON
	whole bool   // all of it is the key: nothing is to be picked from it
}

// eventOf returns a key of Do as the JSON that expressions look at.
func eventOf(key any) (event, error) {
	switch key := key.(type) {
	case json.RawMessage:
		return event{text: key}, nil
	case []byte:
		return event{text: key}, nil
	case string:
		text, err := appendText(nil, key)
		return event{text, true}, err
	}
	text, err := marshal(key)
	if err != nil {
		return event{}, fmt.Errorf("idempotency: the key does not encode as JSON (%T)", err) // its text may hold parts of the key
	}
	if replaced(text) {
		return event{}, errKeyText
	}
	return event{text, reflect.ValueOf(key).Kind() == reflect.String}, nil
}

var errKeyText = errors.New("idempotency: the key is not valid UTF-8, or encodes with the escape \\ufffd")

// replaced reports whether encoding/json has written U+FFFD for bytes that are not UTF-8: it
// does so with an escape, and never escapes that character where it was there before.
func replaced(text []byte) bool {
	if !bytes.Contains(text, []byte(`\ufffd`)) {
		return false
	}
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			if bytes.HasPrefix(text[i+1:], []byte("ufffd")) {
				return true
			}
			i++
		}
	}
	return false
}
