package events

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
)

// Memory is a [Sender] that keeps events in memory, for tests. The zero value is ready to use.
type Memory struct {
	// Fail returns the error of an entry instead of keeping it. Default: nil.
	Fail func(*Entry) error

	mu        sync.Mutex
	entries   []Entry
	delivered int // entries that Deliver has seen
}

// Limits implements [Sender]. There are none.
func (s *Memory) Limits() Limits { return Limits{} }

// Send implements [Sender].
func (s *Memory) Send(_ context.Context, entries []Entry) []error {
	errs := make([]error, len(entries))
	for i := range entries {
		if s.Fail != nil {
			errs[i] = s.Fail(&entries[i])
		}
		if errs[i] == nil {
			s.mu.Lock()
			s.entries = append(s.entries, entries[i])
			s.mu.Unlock()
		}
	}
	return errs
}

// Entries returns the published events, in their order.
func (s *Memory) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// Published returns the events of a definition that s has, in their order. It skips those that cannot
// be decoded.
func Published[T any](s *Memory, d *Definition[T]) []*Event[T] {
	var found []*Event[T]
	for _, entry := range s.Entries() {
		if entry.Source != d.source || entry.Type != d.name {
			continue
		}
		m, data, err := open(entry.Body)
		if err != nil {
			continue
		}
		m.add(entry.Metadata)
		if e, err := d.decode(m, data); err == nil {
			found = append(found, e)
		}
	}
	return found
}

// Deliver calls the handlers of x for the events that were published since the last call, also for those
// that handlers publish meanwhile. Like a rule of EventBridge, it delivers only events that have a route.
// It stops at the first error of a handler.
func (s *Memory) Deliver(ctx context.Context, x *Mux) error {
	for {
		s.mu.Lock()
		if s.delivered == len(s.entries) {
			s.mu.Unlock()
			return nil
		}
		entry := s.entries[s.delivered]
		s.delivered++
		s.mu.Unlock()
		if _, ok := x.routes[routeKey{entry.Source, entry.Type}]; !ok && x.o.Unknown == nil {
			continue
		}
		if err := x.dispatch(ctx, entry.Metadata, json.RawMessage(entry.Body)); err != nil {
			return err
		}
	}
}
