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
