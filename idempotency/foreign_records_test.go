package idempotency_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/idempotency"
)

// A record that another library completed without a result answers null.
func TestMiddleware_RecordWithoutAResultAnswersNull(t *testing.T) {
	t.Parallel()
	store := idempotency.NewMemoryStore(nil)
	once := newOnce(t, store, idempotency.Options{})
	key, err := once.Key(t.Context(), []byte(`{"id":"o"}`))
	if err != nil {
		t.Fatal(err)
	}
	r := &idempotency.Record{Key: key, Status: idempotency.InProgress, Owner: "other", Expiration: time.Now().Add(time.Hour)}
	if _, err := store.Begin(t.Context(), r, time.Now()); err != nil {
		t.Fatal(err)
	}
	r.Status = idempotency.Completed
	if err := store.Complete(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	h := lambdakit.Wrap(func(context.Context, order) (string, error) { return "ran", nil }, once.Middleware)
	if got, err := h.Invoke(t.Context(), []byte(`{"id":"o"}`)); string(got) != "null" || err != nil {
		t.Errorf("got %s, %v, want null", got, err)
	}
}

// The report of a result that is too large says how large it is.
func TestDo_ReportOfALargeResultNamesTheSize(t *testing.T) {
	t.Parallel()
	var r reports
	once := newOnce(t, idempotency.NewMemoryStore(&idempotency.MemoryStoreOptions{MaxBytes: 2000}), idempotency.Options{OnError: r.add})
	large := strings.Repeat("x", 3000)
	if got, err := idempotency.Call(t.Context(), once, "k", func(context.Context) (string, error) { return large, nil }); got != large || err != nil {
		t.Errorf("got %d bytes, %v, want the result", len(got), err)
	}
	errs := r.take()
	if len(errs) != 1 || !errors.Is(errs[0], idempotency.ErrTooLarge) || !strings.Contains(errs[0].Error(), "3002 bytes") {
		t.Errorf("OnError got %v, want an ErrTooLarge with 3002 bytes", errs)
	}
}

// A lease lasts at least as long as the deadline, also if that is not a whole millisecond.
func TestLease_IsRoundedUp(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	deadline := time.Now().Add(time.Hour).Truncate(time.Millisecond).Add(time.Nanosecond)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	n := 0
	if _, err := idempotency.Call(ctx, newOnce(t, store, idempotency.Options{LeaseMargin: -1}), "k", times(&n)); err != nil {
		t.Fatal(err)
	}
	if got := store.begun.Lease; got.Before(deadline) || got.Sub(deadline) > time.Millisecond {
		t.Errorf("got a lease until %v, want at most a millisecond after %v", got, deadline)
	}
}

// A result that the store did not take must not come from the cache either.
func TestCache_WithoutResultsThatWereNotRecorded(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{MaxCacheRecords: 10})
	store.fail["Complete"] = idempotency.ErrLeaseLost
	n := 0
	if got, err := idempotency.Call(t.Context(), once, "k", times(&n)); got != 1 || !errors.Is(err, idempotency.ErrLeaseLost) {
		t.Errorf("got %v and %v, want 1 and %v", got, err, idempotency.ErrLeaseLost)
	}
	if _, err := idempotency.Call(t.Context(), once, "k", times(&n)); !errors.Is(err, idempotency.ErrInProgress) {
		t.Errorf("a duplicate got %v, want %v from the store", err, idempotency.ErrInProgress)
	}
}

// MaxCacheBytes bounds the local cache, also with few records.
func TestCache_IsBoundedInBytes(t *testing.T) {
	t.Parallel()
	store := newFlaky()
	once := newOnce(t, store, idempotency.Options{MaxCacheRecords: 1000, MaxCacheBytes: 20_000})
	result := strings.Repeat("x", 1000)
	keys := make([]string, 50)
	for i := range keys {
		keys[i] = strings.Repeat("k", i+1)
		idempotency.Call(t.Context(), once, keys[i], func(context.Context) (string, error) { return result, nil })
	}
	store.calls = nil
	for _, key := range keys {
		idempotency.Call(t.Context(), once, key, func(context.Context) (string, error) { return "again", nil })
	}
	if cached := len(keys) - len(store.calls); cached < 0 || cached > 20_000/1000 {
		t.Errorf("got %d answers of 1,000 bytes from a cache of 20,000", cached)
	}
	once = newOnce(t, store, idempotency.Options{MaxCacheRecords: 1000, MaxCacheBytes: 20_000})
	idempotency.Call(t.Context(), once, "one", func(context.Context) (string, error) { return result, nil })
	store.calls = nil
	idempotency.Call(t.Context(), once, "one", func(context.Context) (string, error) { return "again", nil })
	if len(store.calls) != 0 {
		t.Errorf("the store was asked %v, want the answer from the cache", store.calls)
	}
}
