package idempotency

import (
	"bytes"
	"cmp"
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"
)

// MemoryStoreOptions configures a [MemoryStore]. A nil *MemoryStoreOptions, and every zero field, means the default.
type MemoryStoreOptions struct {
	MaxRecords int // default: 10,000
	MaxBytes   int // default: 64 MiB
}

// MemoryStore is a Store in the memory of this process. Create one with [NewMemoryStore]. If it is full, the
// records that were completed first are removed. Records in progress stay.
type MemoryStore struct {
	maxRecords, maxBytes int

	mu      sync.Mutex
	bytes   int
	records map[string]*list.Element // of Record
	byAge   list.List                // the newest in front
}

// NewMemoryStore returns an empty store.
func NewMemoryStore(o *MemoryStoreOptions) *MemoryStore {
	if o == nil {
		o = new(MemoryStoreOptions)
	}
	return &MemoryStore{
		maxRecords: max(cmp.Or(o.MaxRecords, 10_000), 1), maxBytes: max(cmp.Or(o.MaxBytes, 64<<20), 1),
		records: make(map[string]*list.Element),
	}
}

var _ Store = (*MemoryStore)(nil)

// Begin implements Store.
func (m *MemoryStore) Begin(_ context.Context, r *Record, now time.Time) (*Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if existing := m.get(r.Key); existing != nil && existing.Live(now) {
		return existing, nil
	}
	if !m.makeRoom(r, now) {
		return nil, ErrFull
	}
	m.put(r)
	return nil, nil
}

// Complete implements Store.
func (m *MemoryStore) Complete(_ context.Context, r *Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	existing := m.get(r.Key)
	if existing == nil || existing.Owner != r.Owner {
		return ErrLeaseLost
	}
	if size(r) > m.maxBytes {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(r.Data))
	}
	existing.Status, existing.Lease = Completed, time.Time{}
	existing.Expiration, existing.Validation, existing.Data = r.Expiration, r.Validation, bytes.Clone(r.Data)
	m.put(existing)
	m.makeRoom(existing, time.Time{})
	return nil
}

// Extend implements Store.
func (m *MemoryStore) Extend(_ context.Context, r *Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	existing := m.get(r.Key)
	if existing == nil || existing.Owner != r.Owner || existing.Status != InProgress {
		return ErrLeaseLost
	}
	if r.Lease.After(existing.Lease) {
		existing.Lease, existing.Expiration = r.Lease, r.Expiration
		m.put(existing)
	}
	return nil
}

// Delete implements Store.
func (m *MemoryStore) Delete(_ context.Context, r *Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	existing := m.get(r.Key)
	if existing != nil && existing.Owner != r.Owner {
		return ErrLeaseLost
	}
	m.remove(r.Key)
	return nil
}

// get returns a copy of the record of a key, or nil.
func (m *MemoryStore) get(key string) *Record {
	e := m.records[key]
	if e == nil {
		return nil
	}
	r := e.Value.(Record)
	return &r
}

func (m *MemoryStore) put(r *Record) {
	m.remove(r.Key)
	m.records[r.Key] = m.byAge.PushFront(*r)
	m.bytes += size(r)
}

func (m *MemoryStore) remove(key string) {
	e := m.records[key]
	if e == nil {
		return
	}
	delete(m.records, key)
	r := m.byAge.Remove(e).(Record)
	m.bytes -= size(&r)
}

// makeRoom removes the oldest records until r fits, and reports whether it does. r may be in the
// store already, and stays.
func (m *MemoryStore) makeRoom(r *Record, now time.Time) bool {
	records, bytes := m.maxRecords, m.maxBytes
	if m.records[r.Key] == nil {
		records--
		bytes -= size(r)
	}
	for e := m.byAge.Back(); e != nil && (len(m.records) > records || m.bytes > bytes); {
		old := e.Value.(Record)
		e = e.Prev()
		if old.Key != r.Key && (old.Status == Completed || !old.Live(now)) {
			m.remove(old.Key)
		}
	}
	return len(m.records) <= records && m.bytes <= bytes
}
