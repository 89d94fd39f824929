package idempotency_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/handlertrace"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

type order struct {
	ID string `json:"id"`
}

func TestMiddlewareReplaysTheBytes(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{Key: idempotency.Path("id")})
	var n int
	h := lambdatest.New(t, lambdakit.Wrap(func(_ context.Context, o order) (map[string]any, error) {
		n++
		return map[string]any{"n": n, "html": "<b>", "float": 1e21}, nil
	}, once.Middleware), nil)
	first := h.Invoke(order{"o-1"})
	second := h.Invoke(map[string]any{"id": "o-1", "more": true})
	if first.Err != nil || second.Err != nil || string(first.Response) != string(second.Response) || n != 1 {
		t.Errorf("got %s, %v and %s, %v and %d runs, want equal responses, no errors and 1", first.Response, first.Err, second.Response, second.Err, n)
	}
	if other := h.Invoke(order{"o-2"}); string(other.Response) == string(first.Response) || n != 2 {
		t.Errorf("another key: got %s and %d runs, want another response and 2", other.Response, n)
	}
	if missing := h.Invoke(order{}); !errors.Is(missing.Err, idempotency.ErrNoKey) || n != 2 {
		t.Errorf("without a key: got %v, want an ErrNoKey", missing.Err)
	}
	deadline := time.Until(store.begun.Lease)
	if deadline < time.Second || deadline > time.Hour {
		t.Errorf("got a lease of %v, want one until the deadline", deadline)
	}
}

// raw answers with bytes that are no JSON.
type raw struct{ n int }

func (h *raw) Invoke(context.Context, []byte) ([]byte, error) {
	h.n++
	return []byte("\xff{ not JSON"), nil
}

func TestMiddlewareReplaysBytesThatAreNoJSON(t *testing.T) {
	t.Parallel()
	h := new(raw)
	run := lambdatest.New(t, lambdakit.WrapHandler(h, newOnce(t, nil, idempotency.Options{}).Middleware), nil)
	for range 2 {
		if res := run.Invoke(order{"o"}); string(res.Response) != "\xff{ not JSON" || h.n != 1 {
			t.Errorf("got %q, %v and %d runs, want the bytes of the first response and 1", res.Response, res.Err, h.n)
		}
	}
}

func TestEmptyResponsesStayEmpty(t *testing.T) {
	t.Parallel()
	for _, response := range [][]byte{nil, {}} {
		h := lambdatest.New(t, lambdakit.WrapHandler(answer(response), newOnce(t, nil, idempotency.Options{}).Middleware), nil)
		for range 2 {
			if res := h.Invoke(order{"o"}); res.Err != nil || len(res.Response) != 0 {
				t.Errorf("got %q, %v, want an empty response, no error", res.Response, res.Err)
			}
		}
	}
}

type answer []byte

func (a answer) Invoke(context.Context, []byte) ([]byte, error) { return a, nil }

func TestMiddlewareAndErrors(t *testing.T) {
	t.Parallel()
	var n int
	once := newOnce(t, nil, idempotency.Options{Final: map[string]error{"declined": errDeclined}})
	var seen []error // by middleware around it, of declined orders
	outer := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			err := next(ctx, inv)
			if errors.Is(err, errDeclined) {
				seen = append(seen, err)
			}
			return err
		}
	}
	h := lambdatest.New(t, lambdakit.Wrap(func(_ context.Context, o order) (string, error) {
		n++
		switch {
		case o.ID == "declined":
			return "", fmt.Errorf("card: %w", errDeclined)
		case o.ID == "panic" && n == 1:
			panic("oh")
		case n == 1:
			return "", io.ErrUnexpectedEOF
		}
		return "ok", nil
	}, outer, once.Middleware), nil)

	for _, id := range []string{"error", "panic"} {
		n = 0
		if res := h.Invoke(order{id}); res.Err == nil || id == "error" && res.Err != io.ErrUnexpectedEOF {
			t.Errorf("%s: got %v, want its error", id, res.Err)
		}
		if res := h.Invoke(order{id}); res.Err != nil || string(res.Response) != `"ok"` {
			t.Errorf("%s, again: got %s, %v, want ok, no error", id, res.Response, res.Err)
		}
	}
	n = 0
	if res := h.Invoke(order{"declined"}); !errors.Is(res.Err, errDeclined) {
		t.Errorf("got %v, want an error that is declined", res.Err)
	}
	res := h.Invoke(order{"declined"})
	if doc, ok := res.Err.(messages.InvokeResponse_Error); !ok || len(seen) != 2 || !errors.Is(seen[1], errDeclined) || doc.Message != "card: declined" || doc.Type != "wrapError" || n != 1 {
		t.Errorf("got %#v and %d runs, want the stored error and 1", res.Err, n)
	}
}

func TestMiddlewareAndResponsesThatDoNotEncode(t *testing.T) {
	t.Parallel()
	var r reports
	var n int
	once := newOnce(t, nil, idempotency.Options{OnError: r.add})
	h := lambdatest.New(t, lambdakit.Wrap(func(context.Context, order) (any, error) { n++; return func() {}, nil }, once.Middleware), nil)
	if res := h.Invoke(order{"o"}); res.Err == nil {
		t.Errorf("got response %s, want an error", res.Response)
	}
	if res := h.Invoke(order{"o"}); !errors.Is(res.Err, idempotency.ErrResultLost) || n != 1 {
		t.Errorf("got %v and %d runs, want an ErrResultLost and 1", res.Err, n)
	}
	if errs := r.take(); len(errs) != 1 || !strings.Contains(errs[0].Error(), "it does not encode as JSON") {
		t.Errorf("got reports %v, want one that it does not encode", errs)
	}
}

func TestTracesOfHandlersThatPanic(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(func(), ...lambdakit.Middleware) lambda.Handler{
		"Wrap": func(f func(), mw ...lambdakit.Middleware) lambda.Handler {
			return lambdakit.Wrap(func(context.Context, order) (int, error) { f(); return 1, nil }, mw...)
		},
		"WrapFunc": func(f func(), mw ...lambdakit.Middleware) lambda.Handler {
			return lambdakit.WrapFunc(func() (int, error) { f(); return 1, nil }, mw...)
		},
	} {
		n := 0
		once := newOnce(t, nil, idempotency.Options{OnError: func(error) {}})
		h := wrap(func() { n++ }, once.Middleware)
		ctx := handlertrace.NewContext(t.Context(), handlertrace.HandlerTrace{ResponseEvent: func(context.Context, any) { panic("oh") }})
		invoke := func() (err error) {
			defer func() { recover() }()
			_, err = h.Invoke(ctx, []byte(`{"id":"o"}`))
			return err
		}
		invoke()
		if err := invoke(); !errors.Is(err, idempotency.ErrResultLost) || n != 1 {
			t.Errorf("%s: got %v and %d runs, want an ErrResultLost and 1", name, err, n)
		}
	}
}

func TestStreamsAreRefused(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{})
	ran := false
	res := lambdatest.Run(t, lambdakit.WrapStream(func(context.Context, order) (io.Reader, error) {
		ran = true
		return strings.NewReader("x"), nil
	}, once.Middleware), order{"o"})
	if !errors.Is(res.Err, idempotency.ErrStream) || ran {
		t.Errorf("got %v, and it ran: %v, want an ErrStream and false", res.Err, ran)
	}
}

func TestReplayIsVisible(t *testing.T) {
	t.Parallel()
	logs := logging.New(&logging.Options{FromContext: idempotency.LogAttrs})
	log := slog.New(logs)
	var outer []bool
	seen := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			err := next(ctx, inv)
			outer = append(outer, idempotency.FromContext(ctx).Replayed())
			return err
		}
	}
	once := newOnce(t, nil, idempotency.Options{OnReplay: func(ctx context.Context, r *idempotency.Replay) {
		log.InfoContext(ctx, "replayed", "record", r)
		r.Data = []byte(strings.Replace(string(r.Data), "201", "200", 1))
	}})
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, o order) (map[string]int, error) {
		log.InfoContext(ctx, "runs")
		return map[string]int{"statusCode": 201}, nil
	}, logs.Middleware, seen, once.Middleware), nil)

	first, second := h.Invoke(order{"o"}), h.Invoke(order{"o"})
	if string(second.Response) != `{"statusCode":200}` || fmt.Sprint(outer) != "[false true]" {
		t.Errorf("got %s and replays %v, want the stored response and [false true]", second.Response, outer)
	}
	key := first.Logs[0]["idempotency_key"]
	if line := second.Logs[0]; key == nil || line["idempotency_key"] != key || line["idempotency_replayed"] != true || strings.Contains(string(second.Output), "statusCode") {
		t.Errorf("got lines\n%s%s\nwant the key and idempotency_replayed in the second, and no response", first.Output, second.Output)
	}
}

func TestDisabled(t *testing.T) {
	t.Setenv("POWERTOOLS_IDEMPOTENCY_DISABLED", "true")
	var r reports
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{OnError: r.add})
	var n int
	for range 2 {
		if _, err := idempotency.Call(t.Context(), once, "k", counter(&n)); err != nil {
			t.Error(err)
		}
	}
	if errs := r.take(); n != 2 || len(store.calls) != 0 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "POWERTOOLS_IDEMPOTENCY_DISABLED") {
		t.Errorf("got %d runs, store calls %v and reports %v, want 2, none and one report", n, store.calls, errs)
	}
}

// Without idempotency, the middleware calls the handler each time and changes nothing.
func TestMiddleware_WithoutIdempotency(t *testing.T) {
	t.Parallel()
	disabled := true
	for name, o := range map[string]idempotency.Options{
		"disabled":      {Disabled: &disabled},
		"without a key": {Key: idempotency.Path("other"), RunWithoutKey: true, OnError: func(error) {}},
	} {
		n := 0
		h := lambdakit.Wrap(func(_ context.Context, o order) (int, error) {
			n++
			if n == 3 {
				return 0, errDeclined
			}
			return n, nil
		}, newOnce(t, nil, o).Middleware)
		for _, want := range []string{"1 <nil>", "2 <nil>", " declined"} {
			response, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`))
			if got := fmt.Sprintf("%s %v", response, err); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
	}
	stream := lambdatest.Run(t, lambdakit.WrapStream(func(context.Context, order) (io.Reader, error) {
		return strings.NewReader("x"), nil
	}, newOnce(t, nil, idempotency.Options{Disabled: &disabled}).Middleware), order{"o"})
	if stream.Err != nil || string(stream.Response) != "x" {
		t.Errorf("a stream: got %q and %v, want x", stream.Response, stream.Err)
	}
}

// If another execution took over, the caller must not take the response for the one that counts.
func TestMiddleware_LostLeaseIsAnError(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	store.fail["Complete"] = idempotency.ErrLeaseLost
	h := lambdakit.Wrap(func(context.Context, order) (int, error) { return 1, nil }, newOnce(t, store, idempotency.Options{}).Middleware)
	if response, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); !strings.Contains(fmt.Sprint(err), idempotency.ErrLeaseLost.Error()) {
		t.Errorf("got %s and %v, want %v", response, err, idempotency.ErrLeaseLost)
	}
}

// The lease lasts until Lambda ends the invocation, also if a call has less time.
func TestMiddleware_LeaseOfACallWithLessTime(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{})
	deadline := time.Now().Add(time.Minute).Truncate(time.Millisecond)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	for _, at := range []time.Time{deadline.Add(-30 * time.Second), deadline.Add(time.Hour)} {
		h := lambdakit.Wrap(func(ctx context.Context, _ any) (int, error) {
			return 1, idempotency.Run(deadlineContext{ctx, at}, once, at.String(), func(context.Context) error { return nil })
		})
		if _, err := h.Invoke(ctx, []byte(`{}`)); err != nil {
			t.Error(err)
		}
		want := deadline.Add(time.Second)
		if at.After(deadline) {
			want = at.Add(time.Second)
		}
		if got := store.begun.Lease; !got.Equal(want) {
			t.Errorf("a call until %v in an invocation until %v: got a lease until %v, want %v", at, deadline, got, want)
		}
	}
}

// The caller of a function that fails gets its error. That the lease is lost is reported.
func TestMiddleware_LostLeaseOfAFailureIsReported(t *testing.T) {
	t.Parallel()
	var r reports
	store := newFlaky()
	store.fail["Complete"] = idempotency.ErrLeaseLost
	once := newOnce(t, store, idempotency.Options{Final: map[string]error{"declined": errDeclined}, OnError: r.add})
	h := lambdakit.Wrap(func(context.Context, order) (int, error) { return 0, errDeclined }, once.Middleware)
	if _, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); !strings.Contains(fmt.Sprint(err), "declined") {
		t.Errorf("got %v, want %v", err, errDeclined)
	}
	if errs := r.take(); len(errs) != 1 || !errors.Is(errs[0], idempotency.ErrLeaseLost) {
		t.Errorf("got reports %v, want one of %v", errs, idempotency.ErrLeaseLost)
	}
}

// reversed is a codec.
type reversed struct{ fail bool }

func (c reversed) Encode(result []byte) ([]byte, error) {
	if c.fail {
		return nil, errors.New("no")
	}
	return append([]byte("!"), result...), nil
}

func (c reversed) Decode(stored []byte) ([]byte, error) {
	if len(stored) == 0 || stored[0] != '!' {
		return nil, errors.New("not encoded")
	}
	return stored[1:], nil
}

func TestCodec(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{Codec: reversed{}, Final: map[string]error{"declined": errDeclined}})
	var n int
	for range 2 {
		if got, err := idempotency.Call(t.Context(), once, "k", counter(&n)); err != nil || got.ID != "r-1" {
			t.Errorf("got %v, %v, want r-1, no error", got, err)
		}
	}
	if data, marked := bytes.CutPrefix(store.data, []byte("\x00lambdakit-codec\x00")); !marked || data[0] != '!' {
		t.Errorf("got %q stored, want bytes of the codec", store.data)
	}
	for range 2 {
		if _, err := idempotency.Call(t.Context(), once, "e", func(context.Context) (int, error) { return 0, errDeclined }); !errors.Is(err, errDeclined) {
			t.Error(err)
		}
	}
	if _, err := idempotency.Call(t.Context(), newOnce(t, store, idempotency.Options{}), "k", counter(&n)); err == nil || strings.Contains(err.Error(), "r-1") {
		t.Errorf("without the codec: got %v, want an error without the result", err)
	}

	var r reports
	failing := newOnce(t, store, idempotency.Options{Codec: reversed{fail: true}, OnError: r.add})
	if got, err := idempotency.Call(t.Context(), failing, "f", counter(&n)); err != nil || got.ID == "" {
		t.Errorf("got %v, %v, want a result, no error", got, err)
	}
	if _, err := idempotency.Call(t.Context(), failing, "f", counter(&n)); !errors.Is(err, idempotency.ErrResultLost) || len(r.take()) != 1 {
		t.Errorf("a result that does not encode: got %v, want an ErrResultLost and one report", err)
	}
}

func TestResultsThatLookLikeMarks(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{})
	for i, result := range []string{`{"$lambdakit":{"lost":"x"}}`, `{"$lambdakit":{}}`, `{"$lambdakit":1}`, `{"$lambdakit":{"result":1}}`} {
		for range 2 {
			got, err := idempotency.Call(t.Context(), once, fmt.Sprint(i), func(context.Context) (json.RawMessage, error) {
				return json.RawMessage(result), nil
			})
			if err != nil || string(got) != result {
				t.Errorf("got %s, %v, want %s, no error", got, err, result)
			}
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{MaxCacheRecords: 2, MaxCacheBytes: 2000, Now: c.now})
	asked := func(key, result string) bool {
		store.calls = nil
		if _, err := idempotency.Call(t.Context(), once, key, func(context.Context) (string, error) { return result, nil }); err != nil {
			t.Error(err)
		}
		return len(store.calls) > 0
	}
	for _, key := range []string{"a", "b"} {
		asked(key, "x")
	}
	if asked("a", "x") || asked("b", "x") {
		t.Error("got a store call for a cached record, want none")
	}
	asked("c", "x")
	if !asked("a", "x") || asked("c", "x") {
		t.Error("got the least recently used record from the cache, want another one removed")
	}
	asked("large", strings.Repeat("x", 3000))
	if !asked("large", "") {
		t.Error("got a record from the cache that is larger than the cache, want a store call")
	}
	if asked("a", "x") {
		t.Error("got a store call for a cached record after a large one, want none")
	}
	c.advance(2 * time.Hour)
	if !asked("a", "x") {
		t.Error("got an expired record from the cache, want a store call")
	}
}
