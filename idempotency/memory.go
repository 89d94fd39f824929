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

// MemoryOptions bounds a [Memory]. A nil *MemoryOptions, and every zero field, means the
// default.
type MemoryOptions struct {
	MaxRecords int // default 10,000
	MaxBytes   int // default 64 MiB
}

// Memory is a Store in the memory of this process. Make one with [NewMemory]. What was
// completed longest ago makes room where it is full; runs in progress do not.
type Memory struct {
	maxRecords, maxBytes int

	mu      sync.Mutex
	bytes   int
	records map[string]*list.Element // of Record
	oldest  list.List                // the one written last in front
}

// NewMemory returns an empty store.
func NewMemory(o *MemoryOptions) *Memory {
	if o == nil {
		o = new(MemoryOptions)
	}
	return &Memory{
		maxRecords: max(cmp.Or(o.MaxRecords, 10_000), 1), maxBytes: max(cmp.Or(o.MaxBytes, 64<<20), 1),
		records: make(map[string]*list.Element),
	}
}

var _ Store = (*Memory)(nil)

// Begin implements Store.
func (m *Memory) Begin(_ context.Context, r *Record, now time.Time) (*Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if existing := m.get(r.Key); existing != nil && existing.Live(now) {
		return existing, nil
	}
	if !m.room(r, now) {
		return nil, ErrFull
	}
	m.put(r)
	return nil, nil
}

// Complete implements Store.
func (m *Memory) Complete(_ context.Context, r *Record) error {
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
	m.room(existing, time.Time{})
	return nil
}

// Extend implements Store.
func (m *Memory) Extend(_ context.Context, r *Record) error {
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
func (m *Memory) Delete(_ context.Context, r *Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	existing := m.get(r.Key)
	if existing != nil && existing.Owner != r.Owner {
		return ErrLeaseLost
	}
	m.remove(r.Key)
	return nil
}

// get returns a copy of the record of a key, nil where there is none.
func (m *Memory) get(key string) *Record {
	e := m.records[key]
	if e == nil {
		return nil
	}
	r := e.Value.(Record)
	return &r
}

func (m *Memory) put(r *Record) {
	m.remove(r.Key)
	m.records[r.Key] = m.oldest.PushFront(*r)
	m.bytes += size(r)
}

func (m *Memory) remove(key string) {
	e := m.records[key]
	if e == nil {
		return
	}
	delete(m.records, key)
	r := m.oldest.Remove(e).(Record)
	m.bytes -= size(&r)
}

// room removes the oldest records until there is room for r, which may be among them and
// stays, and reports whether there is.
func (m *Memory) room(r *Record, now time.Time) bool {
	records, bytes := m.maxRecords, m.maxBytes
	if m.records[r.Key] == nil {
		records--
		bytes -= size(r)
	}
	for e := m.oldest.Back(); e != nil && (len(m.records) > records || m.bytes > bytes); {
		old := e.Value.(Record)
		e = e.Prev()
		if old.Key != r.Key && (old.Status == Completed || !old.Live(now)) {
			m.remove(old.Key)
		}
	}
	return len(m.records) <= records && m.bytes <= bytes
}
