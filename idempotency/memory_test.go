package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
)

func TestMemoryIsAStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, idempotency.NewMemoryStore(nil), nil)
}

// The records that were completed first make room for new ones.
func TestMemoryStore_RemovesTheOldestRecords(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, o := range map[string]*idempotency.MemoryStoreOptions{"records": {MaxRecords: 3}, "bytes": {MaxBytes: 3 * 300}} {
		m := idempotency.NewMemoryStore(o)
		for i := range 6 {
			r := &idempotency.Record{Key: fmt.Sprint(i), Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour)}
			if existing, err := m.Begin(t.Context(), r, now); existing != nil || err != nil {
				t.Fatalf("%s: record %d: got %v and %v, want room", name, i, existing, err)
			}
			r.Data = make([]byte, 98)
			if err := m.Complete(t.Context(), r); err != nil {
				t.Fatalf("%s: record %d: got %v, want no error", name, i, err)
			}
		}
		for i := range 6 {
			r := &idempotency.Record{Key: fmt.Sprint(i), Owner: "other", Status: idempotency.Completed}
			want := error(nil) // of a record that does not exist
			if i >= 3 {
				want = idempotency.ErrLeaseLost
			}
			if err := m.Delete(t.Context(), r); err != want {
				t.Errorf("%s: record %d: got %v, want %v", name, i, err, want)
			}
		}
	}
}

// Records in progress fill the store by their number or by their bytes.
func TestMemoryStore_FullOfRecordsInProgress(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, o := range map[string]*idempotency.MemoryStoreOptions{"records": {MaxRecords: 2}, "bytes": {MaxBytes: 2 * 202}} {
		m := idempotency.NewMemoryStore(o)
		for i, want := range []error{nil, nil, idempotency.ErrFull} {
			r := &idempotency.Record{Key: fmt.Sprint(i), Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour)}
			if existing, err := m.Begin(t.Context(), r, now); existing != nil || err != want {
				t.Errorf("%s: record %d: got %v and %v, want %v", name, i, existing, err, want)
			}
		}
	}
}

// A result makes room for itself. If it cannot, because the others are in progress, it stays.
func TestMemoryStore_ResultsMakeRoom(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := idempotency.NewMemoryStore(&idempotency.MemoryStoreOptions{MaxBytes: 4 * 202}) // four records without data
	record := func(key string, data int) *idempotency.Record {
		return &idempotency.Record{Key: key, Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour), Data: make([]byte, data)}
	}
	status := func(key string) idempotency.Status {
		existing, err := m.Begin(t.Context(), record(key, 0), now)
		switch {
		case err != nil:
			t.Errorf("%s: got %v, want no error", key, err)
		case existing != nil:
			return existing.Status
		}
		return ""
	}
	for _, key := range []string{"a", "b", "c", "d"} {
		if got := status(key); got != "" {
			t.Errorf("%s: got the status %s, want none", key, got)
		}
	}
	for _, key := range []string{"a", "b"} {
		if err := m.Complete(t.Context(), record(key, 500)); err != nil {
			t.Errorf("%s: got %v, want no error", key, err)
		}
		if got := status(key); got != idempotency.Completed {
			t.Errorf("%s: got the status %q, want %s", key, got, idempotency.Completed)
		}
	}
	if err := m.Delete(t.Context(), &idempotency.Record{Key: "a", Owner: "other"}); err != nil {
		t.Errorf("got %v, want no record of a, because b made room for itself", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	ctx, now := context.Background(), time.Now()
	m := idempotency.NewMemoryStore(&idempotency.MemoryStoreOptions{MaxRecords: 2, MaxBytes: 2000})
	record := func(key string) *idempotency.Record {
		return &idempotency.Record{Key: key, Status: idempotency.InProgress, Owner: "o", Lease: now.Add(time.Minute), Expiration: now.Add(time.Hour)}
	}
	begin := func(key string, at time.Time) error {
		existing, err := m.Begin(ctx, record(key), at)
		if existing != nil {
			return fmt.Errorf("%s exists", key)
		}
		return err
	}
	for _, key := range []string{"a", "b"} {
		if err := begin(key, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := begin("c", now); !errors.Is(err, idempotency.ErrFull) {
		t.Errorf("a third run: %v, want ErrFull: runs in progress do not make room", err)
	}
	done := record("a")
	done.Status, done.Data = idempotency.Completed, make([]byte, 1000)
	if err := m.Complete(ctx, done); err != nil {
		t.Fatal(err)
	}
	if err := begin("c", now); err != nil {
		t.Errorf("with a completed record: got %v, want room for another", err)
	}
	large := record("b")
	large.Data = make([]byte, 3000)
	if err := m.Complete(ctx, large); !errors.Is(err, idempotency.ErrTooLarge) {
		t.Errorf("a result of 3000 bytes: got %v, want an ErrTooLarge", err)
	}
	if existing, err := m.Begin(ctx, record("b"), now); err != nil || existing == nil || existing.Status != idempotency.InProgress {
		t.Errorf("after a result that is too large: got %+v, %v, want the record in progress", existing, err)
	}
	if err := begin("d", now.Add(2*time.Minute)); err != nil {
		t.Errorf("with expired records: got %v, want room for another", err)
	}
}
