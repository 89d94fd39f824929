package idempotency_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/lambdatest"
)

func TestStringsAreKeysOfStepsWhateverEventsHave(t *testing.T) {
	t.Parallel()
	for _, lenient := range []bool{false, true} {
		once := newOnce(t, nil, idempotency.Options{Key: idempotency.Path("powertools_json(body).orderId"), Validate: idempotency.Path("total"), RunWithoutKey: lenient})
		n := 0
		for range 3 {
			if _, err := idempotency.Call(t.Context(), once.Scope("charge"), "o-1", counter(&n)); err != nil || n != 1 {
				t.Errorf("got error %v and %d runs, want no error and 1", err, n)
			}
		}
	}
}

func TestKeysAreNotMadeEqualByEncodingThem(t *testing.T) {
	t.Parallel()
	type id string
	once := newOnce(t, nil, idempotency.Options{})
	n := 0
	for _, key := range []any{"\xff", id("\xff"), struct{ ID string }{"\xfe"}, map[string]string{"id": "\xfd"}, []string{"a", "\xfc"}} {
		if _, err := idempotency.Call(t.Context(), once, key, counter(&n)); err == nil || n != 0 {
			t.Errorf("key %q: got error %v and %d runs, want an error and 0", key, err, n)
		}
	}
	for i, key := range []any{"\ufffd", id(`\ufffd`), struct{ ID string }{"\ufffd"}, []string{`\\ufffd`}} {
		if _, err := idempotency.Call(t.Context(), once, key, counter(&n)); err != nil || n != i+1 {
			t.Errorf("key %q: got error %v and %d runs, want no error and %d", key, err, n, i+1)
		}
	}
}

// echo answers with the runtime's own bytes.
type echo struct{}

func (echo) Invoke(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }

func TestResultsAreNobodyElsesBytes(t *testing.T) {
	t.Parallel()
	for _, cache := range []int{0, 10} {
		h := lambdakit.WrapHandler(echo{}, newOnce(t, nil, idempotency.Options{MaxCacheRecords: cache}).Middleware)
		pooled := []byte(`{"a":"alice"}`)
		if _, err := h.Invoke(t.Context(), pooled); err != nil {
			t.Fatal(err)
		}
		copy(pooled, `{"a":"bobby"}`)
		for range 2 {
			response, err := h.Invoke(t.Context(), []byte(`{"a":"alice"}`))
			if err != nil || string(response) != `{"a":"alice"}` {
				t.Errorf("cache of %d: got %s, %v, want alice, no error", cache, response, err)
			}
			copy(response, "XXXXXXXXX")
		}
	}
}

// A request to the store may go on after the answer, so it has bytes of its own.
func TestMiddleware_StoreGetsItsOwnBytes(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	h := lambdakit.WrapHandler(echo{}, newOnce(t, store, idempotency.Options{}).Middleware)
	payload := []byte(`{"a":"alice"}`)
	response, err := h.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	copy(payload, "XXXXXXXXX")
	copy(response, "XXXXXXXXX")
	if got, want := string(store.data), `{"a":"alice"}`; got != want {
		t.Errorf("the store has %s after the response was overwritten, want %s", got, want)
	}
}

// slow is a store whose first Begin is done, and answers when its caller has gone.
type slow struct {
	*idempotency.MemoryStore
	begins atomic.Int32
}

func (s *slow) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	existing, err := s.MemoryStore.Begin(ctx, r, now)
	if s.begins.Add(1) == 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return existing, err
}

func TestABeginThatIsGivenUpLocksNobodyOut(t *testing.T) {
	t.Parallel()
	once := newOnce(t, &slow{MemoryStore: idempotency.NewMemoryStore(nil)}, idempotency.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	n := 0
	if _, err := idempotency.Call(ctx, once, "k", counter(&n)); !errors.Is(err, context.DeadlineExceeded) || n != 0 {
		t.Errorf("got error %v and %d runs, want DeadlineExceeded and 0", err, n)
	}
	if _, err := idempotency.Call(t.Context(), once, "k", counter(&n)); err != nil || n != 1 {
		t.Errorf("next call: got error %v and %d runs, want no error and 1", err, n)
	}
}

func TestOverlappingFinalErrorsHaveOneName(t *testing.T) {
	t.Parallel()
	a, b := errors.New("a"), errors.New("b")
	for i := range 50 {
		once := newOnce(t, nil, idempotency.Options{Final: map[string]error{"b": b, "a": a}})
		for range 2 {
			_, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 0, fmt.Errorf("%w and %w", b, a) })
			var stored *idempotency.StoredError
			if errors.As(err, &stored) && stored.Name != "a" {
				t.Fatalf("round %d: got the stored name %q, want a", i, stored.Name)
			}
		}
	}
}

func TestMiddlewareInsideThatFailsLetsTheNextCallRun(t *testing.T) {
	t.Parallel()
	n := 0
	rollback := func(next lambdakit.Handler) lambdakit.Handler {
		return func(ctx context.Context, inv *lambdakit.Invocation) error {
			if err := next(ctx, inv); err != nil || n > 1 {
				return err
			}
			return errors.New("rolled back")
		}
	}
	h := lambdatest.New(t, lambdakit.Wrap(func(context.Context, order) (int, error) { n++; return n, nil },
		newOnce(t, nil, idempotency.Options{}).Middleware, rollback), nil)
	if res := h.Invoke(order{"o"}); res.Err == nil {
		t.Errorf("got response %s, want an error", res.Response)
	}
	if res := h.Invoke(order{"o"}); res.Err != nil || string(res.Response) != "2" {
		t.Errorf("got %s, %v, want 2, no error", res.Response, res.Err)
	}
}

type card struct{ Number json.Number }

func TestNothingOfResultsIsInErrorsAndMarks(t *testing.T) {
	t.Parallel()
	var r reports
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{OnError: r.add, Codec: reversed{}})
	var texts []string
	for range 2 {
		_, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (card, error) { return card{"4111-SECRET"}, nil })
		texts = append(texts, fmt.Sprint(err))
	}
	texts = append(texts, fmt.Sprint(r.take()), string(store.data))
	_, err := once.Key(t.Context(), card{"4111-SECRET"})
	texts = append(texts, fmt.Sprint(err))
	plain := newOnce(t, nil, idempotency.Options{})
	idempotency.Call(t.Context(), plain, "k", func(context.Context) (string, error) { return "4111-SECRET", nil })
	_, err = idempotency.Call(t.Context(), plain, "k", func(context.Context) (time.Time, error) { return time.Time{}, nil })
	if !errors.Is(err, idempotency.ErrResultType) {
		t.Errorf("got %v, want an ErrResultType", err)
	}
	for _, text := range append(texts, fmt.Sprint(err)) {
		if strings.Contains(text, "SECRET") {
			t.Errorf("got %s, want no part of the result", text)
		}
	}
}

func TestBackgroundWorkHasALeaseOfItsOwn(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{})
	h := lambdatest.New(t, lambdakit.Wrap(func(ctx context.Context, o order) (int, error) {
		return idempotency.Call(context.WithoutCancel(ctx), once, "job", func(context.Context) (int, error) { return 1, nil })
	}), nil)
	start := time.Now()
	h.Invoke(order{"o"})
	if lease := store.begun.Lease.Sub(start); lease < 15*time.Minute {
		t.Errorf("got a lease of %v, want at least 15m", lease)
	}
}

func TestACallThatWaitsForItselfIsTold(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{Wait: time.Hour})
	res := lambdatest.Run(t, lambdakit.Wrap(func(context.Context, order) (int, error) { return 1, nil }, once.Middleware, once.Middleware), order{"o"})
	if !errors.Is(res.Err, idempotency.ErrInProgress) || !strings.Contains(res.Err.Error(), "Scope") {
		t.Errorf("got %v, want an ErrInProgress that names Scope", res.Err)
	}
	_, err := idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (int, error) {
		return idempotency.Call(ctx, once, "k", func(context.Context) (int, error) { return 1, nil })
	})
	if !errors.Is(err, idempotency.ErrInProgress) {
		t.Errorf("got %v, want an ErrInProgress", err)
	}
}

func TestExtensionsDoNotOverflow(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{})
	idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (int, error) {
		if err := idempotency.FromContext(ctx).Extend(ctx, math.MaxInt64); err != nil || time.Until(store.last.Lease) < 1000*time.Hour {
			t.Errorf("got %v and a lease until %v, want no error and a lease of more than 1000h", err, store.last.Lease)
		}
		return 1, nil
	})
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func TestErrorsThatPanicLeaveNothingLocked(t *testing.T) {
	t.Parallel()
	once := newOnce(t, nil, idempotency.Options{Final: map[string]error{"declined": errDeclined}})
	for range 2 {
		func() {
			defer func() { recover() }()
			idempotency.Call(t.Context(), once, "k", func(context.Context) (int, error) { return 0, panickyError{} })
		}()
	}
	n := 0
	if _, err := idempotency.Call(t.Context(), once, "k", counter(&n)); err != nil {
		t.Error(err)
	}
	for _, o := range []*idempotency.Options{
		{Prefix: "p", Final: map[string]error{"x": (*nilError)(nil)}},
		{Prefix: "p", Digest: new(idempotency.Digest)},
	} {
		if _, err := idempotency.New(idempotency.NewMemoryStore(nil), o); err == nil {
			t.Errorf("New with %+v: got no error, want one", o)
		}
	}
	var none *idempotency.MemoryStore
	if _, err := idempotency.New(none, &idempotency.Options{Prefix: "p"}); err == nil {
		t.Error("New with a nil pointer as store: got no error, want one")
	}
}

type panickyError struct{}

func (panickyError) Error() string        { panic("oh") }
func (panickyError) Is(target error) bool { return target == errDeclined }

// TestHostileEventsAreQuick would take minutes where time grows with the square of the text.
func TestHostileEventsAreQuick(t *testing.T) {
	t.Parallel()
	const n = 1 << 20
	events := []string{
		`{"` + strings.Repeat("Σ", n) + `":1}`,
		`{"` + strings.Repeat("Σ'", n) + `":1}`,
		strings.Repeat(`{"b":0,"a":`, 400) + `"` + strings.Repeat("x", n) + `"` + strings.Repeat("}", 400),
		strings.Repeat("[", n),
		`{"a":` + strings.Repeat("9", n) + `}`,
		`{"a":1e` + strings.Repeat("9", n) + `}`,
	}
	for _, o := range []idempotency.Options{{}, {Digest: idempotency.TypeScriptKey(nil)}, {Digest: idempotency.PythonKey("app.f", nil)}, {Key: idempotency.JMESPath("a.b")}} {
		once := newOnce(t, nil, o)
		for _, event := range events {
			once.Key(t.Context(), json.RawMessage(event)) // an error or not
		}
	}
}

func TestEventsThatKeysCannotBePickedFrom(t *testing.T) {
	t.Parallel()
	for _, expression := range []*idempotency.Expression{idempotency.Path("powertools_json(body).id"), idempotency.JMESPath("powertools_json(body).id")} {
		once := newOnce(t, nil, idempotency.Options{Key: expression, RunWithoutKey: true, OnError: func(error) {}})
		for event, fails := range map[string]bool{
			`{}`: true, `{"body":null}`: true, `{"body":""}`: true, `{"body":"no"}`: true, `{"body":{"id":1}}`: true, `{`: true,
			`{"body":"{}"}`: false, `{"body":"{\"id\":null}"}`: false, `{"body":"{\"id\":1}"}`: false,
		} {
			ran := false
			_, err := idempotency.Call(t.Context(), once, []byte(event), func(context.Context) (int, error) { ran = true; return 0, nil })
			if errors.Is(err, idempotency.ErrEvent) != fails || ran == fails || err != nil && !fails {
				t.Errorf("%s of %s: got error %v, and it ran: %t, want an ErrEvent: %t", expression, event, err, ran, fails)
			}
		}
	}
}
