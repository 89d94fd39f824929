package idempotency_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// slowStore delays its second request to begin, the first one of the duplicate. Requests after the third
// fail if fails is true.
type slowStore struct {
	*idempotency.MemoryStore
	begins atomic.Int32
	delay  time.Duration
	fails  atomic.Bool
}

func (s *slowStore) Begin(ctx context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	switch n := s.begins.Add(1); {
	case n == 2:
		time.Sleep(s.delay) // it ignores ctx, as a request on a slow network does
	case n > 3 && s.fails.Load():
		return nil, errors.New("unavailable")
	}
	return s.MemoryStore.Begin(ctx, r, now)
}

// A duplicate that waits begins again and again. A request of an early attempt writes its record after the
// other call has failed, when the duplicate has begun a later attempt, or has failed too.
func TestCall_ALateRecordDoesNotLockTheKey(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowStore{MemoryStore: idempotency.NewMemoryStore(nil), delay: 330 * time.Millisecond}
			s.fails.Store(fails)
			g, err := idempotency.New(s, &idempotency.Options{Prefix: "p", StoreTimeout: 100 * time.Millisecond, Wait: 5 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			run := func(takes time.Duration, err error) error {
				return idempotency.Run(context.Background(), g, "k", func(context.Context) error {
					time.Sleep(takes)
					return err
				})
			}
			go run(300*time.Millisecond, errors.New("failed"))
			synctest.Wait()
			duplicate := run(0, nil)
			time.Sleep(time.Second)
			s.fails.Store(false)
			if next := run(0, nil); next != nil || (duplicate != nil) != fails {
				t.Errorf("store fails %v: got %v for the duplicate and %v for the next call, want the next one to run", fails, duplicate, next)
			}
		})
	}
}
