package modelcheck

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/idempotency/storetest"
)

// operation is a method of idempotency.Store.
type operation int

const (
	opBegin operation = iota
	opComplete
	opExtend
	opDelete
)

func (o operation) String() string { return [...]string{"Begin", "Complete", "Extend", "Delete"}[o] }

// request is a call of a Store method on its way to the store. It never changes, because copies
// of it may arrive later.
type request struct {
	op  operation
	rec idempotency.Record
	now time.Time  // of Begin
	by  *execution // nil outside of the model
}

// store is the store of the model. It keeps the contract of idempotency.Store and does nothing
// more. The scheduler calls it, so it needs no lock. Records are replaced, never changed, so
// that two versions of a record can be compared.
type store struct {
	records map[string]*idempotency.Record
	former  map[string]*idempotency.Record // the record of each key before its last change
	keys    []string                       // in the order of the first write
	maxData int                            // 0: any
}

func newStore(maxData int) *store {
	return &store{
		records: make(map[string]*idempotency.Record), former: make(map[string]*idempotency.Record), maxData: maxData,
	}
}

// apply processes a request.
func (s *store) apply(q request) (*idempotency.Record, error) {
	existing := s.records[q.rec.Key]
	own := existing != nil && existing.Owner == q.rec.Owner
	switch q.op {
	case opBegin:
		if existing != nil && existing.Live(q.now) {
			found := *existing
			return &found, nil
		}
		s.put(q.rec)
		return nil, nil
	case opComplete:
		if !own {
			return nil, idempotency.ErrLeaseLost
		}
		if s.maxData > 0 && len(q.rec.Data) > s.maxData {
			return nil, fmt.Errorf("%w: %d bytes", idempotency.ErrTooLarge, len(q.rec.Data))
		}
		q.rec.Status, q.rec.Lease = idempotency.Completed, time.Time{}
		s.put(q.rec)
		return nil, nil
	case opExtend:
		if !own || existing.Status != idempotency.InProgress {
			return nil, idempotency.ErrLeaseLost
		}
		longer := *existing
		// A lease only grows, so the later of two leases belongs to the newer request. A
		// late copy must not shorten it.
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

func (s *store) put(r idempotency.Record) {
	if _, known := s.former[r.Key]; !known {
		s.keys = append(s.keys, r.Key)
	}
	s.former[r.Key] = s.records[r.Key]
	s.records[r.Key] = &r
}

func (s *store) remove(key string) {
	if r := s.records[key]; r != nil {
		s.former[key] = r
		delete(s.records, key)
	}
}

// lockedStore is an idempotency.Store that calls a store directly, under a lock.
type lockedStore struct {
	mu sync.Mutex
	s  *store
}

func (l *lockedStore) do(q request) (*idempotency.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.s.apply(q)
}

func (l *lockedStore) Begin(_ context.Context, r *idempotency.Record, now time.Time) (*idempotency.Record, error) {
	return l.do(request{op: opBegin, rec: *r, now: now})
}

func (l *lockedStore) Complete(_ context.Context, r *idempotency.Record) error {
	_, err := l.do(request{op: opComplete, rec: *r})
	return err
}

func (l *lockedStore) Extend(_ context.Context, r *idempotency.Record) error {
	_, err := l.do(request{op: opExtend, rec: *r})
	return err
}

func (l *lockedStore) Delete(_ context.Context, r *idempotency.Record) error {
	_, err := l.do(request{op: opDelete, rec: *r})
	return err
}

// StoreIsAStore checks that the simulated store keeps the contract of idempotency.Store. Only
// then do the results of the model hold for real stores.
func StoreIsAStore(t *testing.T) {
	storetest.Run(t, &lockedStore{s: newStore(0)}, nil)
}
