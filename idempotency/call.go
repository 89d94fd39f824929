package idempotency

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/lambdakit/lambdakit/internal/hidden"
)

// Call runs fn once for key. Duplicates get the stored answer: the result as JSON decodes it, or
// the error if Options.Final has it. If fn returns another error or panics, the caller gets
// it, and the next call runs.
//
// A string is the key itself. Any other key is treated as an event: a []byte or json.RawMessage
// that contains JSON, or a value that encodes as JSON. Options.Key, KeyFunc and Validate pick from
// it. The encoding of a value must not contain the escape \ufffd, which encoding/json writes for
// bytes that are not UTF-8. What Options.Key and Validate pick must not contain a [lambdakit.Secret],
// because all secrets encode as [redacted]. If two functions have equal keys, give each a Guard of [Guard.Scope].
//
// If fn has not run, the error comes from the store, or is one in this list:
//
//   - ErrNoKey or ErrEvent: the key cannot be computed.
//   - ErrInProgress or ErrPayloadMismatch: another call has the key.
//   - ErrResultLost, ErrResultType, ErrCodec or ErrInconsistent: the record cannot be replayed.
//
// If fn has run, the error is the error of fn or, together with the result, an ErrLeaseLost or an
// ErrNotRecorded.
//
// If a result does not encode, contains a [lambdakit.Secret], or does not fit into the store, the caller
// gets it and OnError gets a report. Duplicates get an ErrResultLost until the record expires: the work is done, but its
// result is unknown. A consumer of a queue can treat ErrResultLost as success.
func Call[T any](ctx context.Context, g *Guard, key any, fn func(context.Context) (T, error)) (T, error) {
	var result T
	event, err := eventOf(key)
	if err != nil {
		return result, err
	}
	x, replay, err := g.begin(ctx, event)
	switch {
	case err != nil:
		return result, err
	case replay != nil:
		err := g.replayInto(ctx, replay, &result)
		return result, err
	case x == nil:
		return fn(ctx)
	}

	defer x.deleteAfterPanic(ctx)
	result, err = fn(context.WithValue(ctx, executionKey, x))
	if err != nil {
		if final := g.finalError(err); final == nil {
			x.deleteAfterFailure(ctx)
		} else if lost := x.complete(ctx, outcome{err: final}); lost != nil {
			return result, fmt.Errorf("%w (%w)", err, lost)
		}
		return result, err
	}
	return result, x.completeValue(ctx, result)
}

// Run runs fn once for key. It is [Call] for a function without a result.
func Run(ctx context.Context, g *Guard, key any, fn func(context.Context) error) error {
	_, err := Call(ctx, g, key, func(ctx context.Context) (any, error) { return nil, fn(ctx) })
	return err
}

// completeValue encodes the result and completes the record.
func (x *Execution) completeValue(ctx context.Context, result any) error {
	hides := false
	data, err := x.encode(ctx, func() ([]byte, error) {
		data, err := marshal(result)
		hides = err == nil && hidden.In(result, data) // it calls methods of the user, too
		return data, err
	})
	if err != nil {
		return x.completeWithoutResult(ctx, "it does not encode as JSON", err)
	}
	if hides {
		return x.completeWithoutResult(ctx, "it contains a Secret, which encodes as [redacted]", nil)
	}
	if replaced(data) {
		x.guard.report.Report(keyError(x.key, errors.New("the result has text that is not valid UTF-8: duplicates get U+FFFD in its place; use []byte for bytes")))
	}
	return x.complete(ctx, outcome{result: data})
}

// replayInto decodes a stored answer.
func (g *Guard) replayInto(ctx context.Context, r *Replay, result any) error {
	if g.options.OnReplay != nil {
		g.options.OnReplay(context.WithValue(ctx, executionKey, &Execution{guard: g, key: r.Key, replayed: true}), r)
	}
	if r.Err != nil {
		return r.Err
	}
	if len(r.Data) == 0 { // a record of another library without a result
		return nil
	}
	if err := json.Unmarshal(r.Data, result); err != nil {
		return keyError(r.Key, fmt.Errorf("%w: %T (%T)", ErrResultType, result, err)) // the text of err may contain parts of it
	}
	return nil
}

// event is the input of a key.
type event struct {
	text   []byte // JSON
	whole  bool   // it is the key, and no expression picks from it
	secret bool   // it contains a Secret, which encodes as hidden.Mark
}

// hides reports whether a part of the event contains a Secret. All of them would be equal.
func (e *event) hides(part []byte) bool { return e.secret && bytes.Contains(part, []byte(hidden.Mark)) }

// eventOf returns a key of Call as an event.
func eventOf(key any) (event, error) {
	switch key := key.(type) {
	case json.RawMessage:
		return event{text: key}, nil
	case []byte:
		return event{text: key}, nil
	case string:
		text, err := appendText(nil, key)
		return event{text: text, whole: true}, err
	}
	text, err := marshal(key)
	if err != nil {
		return event{}, fmt.Errorf("idempotency: the key does not encode as JSON (%T)", err) // its text may contain parts of the key
	}
	if replaced(text) {
		return event{}, errKeyText
	}
	return event{text: text, whole: reflect.ValueOf(key).Kind() == reflect.String, secret: hidden.In(key, text)}, nil
}

var errKeySecret = errors.New("idempotency: the key contains a Secret, which encodes as [redacted], so all of them would be one key; use the text that its Reveal method returns")

var errKeyText = errors.New("idempotency: the key is not valid UTF-8, or encodes with the escape \\ufffd")

// replaced reports whether encoding/json has replaced bytes that are not UTF-8 by U+FFFD. It
// writes the replacement as an escape, and never escapes a U+FFFD of the input.
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
