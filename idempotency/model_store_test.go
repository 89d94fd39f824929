package idempotency_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
)

// simOp is a method of idempotency.Store.
type simOp int

const (
	simBegin simOp = iota
	simComplete
	simExtend
	simDelete
)

func (o simOp) String() string { return [...]string{"Begin", "Complete", "Extend", "Delete"}[o] }

// simRequest is what a Store method asks for, on its way to the store. It is not changed once
// it is on its way, since copies of it may arrive later.
type simRequest struct {
	op  simOp
	rec idempotency.Record
	now time.Time // of Begin
	by  *simRun   // nil outside of the model
}

// simStore is the store of the model: the contract of idempotency.Store and nothing else. It
// is stepped by the scheduler, so it needs no lock. Records are replaced, never changed, so
// that two looks at one can be compared.
type simStore struct {
	records    map[string]*idempotency.Record
	former     map[string]*idempotency.Record // what each key had before its last change
	keys       []string                       // in the order of their first write
	simMaxData int                            // 0: any
}

func newSimStore(simMaxData int) *simStore {
	return &simStore{
		records: make(map[string]*idempotency.Record), former: make(map[string]*idempotency.Record), simMaxData: simMaxData,
	}
}

// apply does what a request asks for.
func (s *simStore) apply(q simRequest) (*idempotency.Record, error) {
	existing := s.records[q.rec.Key]
	own := existing != nil && existing.Owner == q.rec.Owner
	switch q.op {
	case simBegin:
		if existing != nil && existing.Live(q.now) {
			found := *existing
			return &found, nil
		}
		s.put(q.rec)
		return nil, nil
	case simComplete:
		if !own {
			return nil, idempotency.ErrLeaseLost
		}
		if s.simMaxData > 0 && len(q.rec.Data) > s.simMaxData {
			return nil, fmt.Errorf("%w: %d bytes", idempotency.ErrTooLarge, len(q.rec.Data))
		}
		q.rec.Status, q.rec.Lease = idempotency.Completed, time.Time{}
		s.put(q.rec)
		return nil, nil
	case simExtend:
		if !own || existing.Status != idempotency.InProgress {
			return nil, idempotency.ErrLeaseLost
		}
		longer := *existing
		// A run's lease only ever grows, so the later of two is the newer request: one
		// that was overtaken must not take back what its successor was promised.
		if longer.Lease.Before(q.rec.Lease) {
			longer.Lease, longer.Expiration = q.rec.Lease, q.rec.Expiration
		}
		s.put(longer)
		return nil, nil
	default:
		if existing != nil && !own {
			return nil, idempotency.ErrLeaseLost
		}
		s.remove(q.rec.Key)
		return nil, nil
	}
}

func (s *simStore) put(r idempotency.Record) {
	if _, known := s.former[r.Key]; !known {
		s.keys = append(s.keys, r.Key)
	}
	s.former[r.Key] = s.records[r.Key]
	s.records[r.Key] = &r
}

func (s *simStore) remove(key string) {
	if r := s.records[key]; r != nil {
		s.former[key] = r
		delete(s.records, key)
	}
}

// simLockedStore is a simStore without a network or a scheduler in front.
type simLockedStore struct {
	mu sync.Mutex
	s  *simStore
}

func (l *simLockedStore) do(q simRequest) (*idempotency.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.apply(q)
}

func (l *simLockedStore) Begin(_ context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	return l.do(simRequest{op: simBegin, rec: *r, now: now})
}

func (l *simLockedStore) Complete(_ context.Context, r *idempotency.Record) error {
	_, err := l.do(simRequest{op: simComplete, rec: *r})
	return err
}

func (l *simLockedStore) Extend(_ context.Context, r *idempotency.Record) error {
	_, err := l.do(simRequest{op: simExtend, rec: *r})
	return err
}

func (l *simLockedStore) Delete(_ context.Context, r *idempotency.Record) error {
	_, err := l.do(simRequest{op: simDelete, rec: *r})
	return err
}

// What is found with the simulated store counts for real ones only as far as it keeps the
// contract that they keep.
func TestModelStoreIsAStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, &simLockedStore{s: newSimStore(0)}, nil)
}
