package idempotency_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// flaky is a store in memory that fails when it is told to, and remembers its calls.
type flaky struct {
	*idempotency.MemoryStore

	mu    sync.Mutex
	calls []string
	fail  map[string]error // by method
	after map[string]error // the same, after having done its work
	data  []byte           // of the last Complete
	last  idempotency.Record
	begun idempotency.Record
}

func newFlaky() *flaky {
	return &flaky{MemoryStore: idempotency.NewMemoryStore(nil), fail: make(map[string]error), after: make(map[string]error)}
}

var errStore = fmt.Errorf("the store is down: %w", idempotency.ErrRefused) // which is not tried again

func (f *flaky) call(ctx context.Context, method string, r *idempotency.Record, do func() error) error {
	f.mu.Lock()
	f.calls = append(f.calls, method)
	before, after := f.fail[method], f.after[method]
	f.last = *r
	if method == "Begin" {
		f.begun = *r
	}
	f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if before != nil {
		return before
	}
	if err := do(); err != nil {
		return err
	}
	return after
}

func (f *flaky) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (existing *idempotency.Record, err error) {
	err = f.call(ctx, "Begin", r, func() error {
		existing, err = f.MemoryStore.Begin(ctx, r, now)
		return err
	})
	return existing, err
}

func (f *flaky) Complete(ctx context.Context, r *idempotency.Record) error {
	f.data = r.Data
	return f.call(ctx, "Complete", r, func() error { return f.MemoryStore.Complete(ctx, r) })
}

func (f *flaky) Extend(ctx context.Context, r *idempotency.Record) error {
	return f.call(ctx, "Extend", r, func() error { return f.MemoryStore.Extend(ctx, r) })
}

func (f *flaky) Delete(ctx context.Context, r *idempotency.Record) error {
	return f.call(ctx, "Delete", r, func() error { return f.MemoryStore.Delete(ctx, r) })
}

// clock is a wall clock that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.UnixMilli(1_700_000_000_123)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// reports collects the errors of OnError.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *reports) take() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := r.errs
	r.errs = nil
	return errs
}

// newOnce returns a Guard over store whose prefix is "test", unless o says otherwise.
func newOnce(t *testing.T, store idempotency.Store, o idempotency.Options) *idempotency.Guard {
	t.Helper()
	if o.Prefix == "" {
		o.Prefix = "test"
	}
	if o.OnError == nil {
		o.OnError = func(err error) { t.Errorf("reported: %v", err) }
	}
	once, err := idempotency.New(store, &o)
	if err != nil {
		t.Fatal(err)
	}
	return once
}

// deadlineContext is a context with a deadline at which nothing happens.
type deadlineContext struct {
	context.Context
	at time.Time
}

func (c deadlineContext) Deadline() (time.Time, bool) { return c.at, true }
