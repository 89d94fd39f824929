package params

import (
	"maps"
	"math"
)

func (st *state) size() int {
	if st == nil {
		return 0
	}
	return st.content.size()
}

// replace changes a copy of the entries, makes room in it, and puts it in place.
func (s *Cache) replace(change func(map[string]*entry)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := *s.entries.Load()
	m := maps.Clone(before)
	if m == nil {
		m = make(map[string]*entry)
	}
	change(m)
	bytes := s.evict(m, func(e *entry) int64 {
		if before[e.key()] != e { // new ones last, even if the clock went back
			return math.MaxInt64
		}
		return e.used.Load()
	})
	s.bytes.Store(int64(bytes))
	s.entries.Store(&m)
}

// makeRoom makes the values fit MaxBytes.
func (s *Cache) makeRoom() {
	if s.bytes.Load() > int64(s.o.MaxBytes) {
		s.replace(func(map[string]*entry) {})
	}
}

// evict deletes entries until the others fit: values larger than MaxBytes, then the entries
// of the lowest ranks. It returns the bytes of the others, and calls rank once for each.
func (s *Cache) evict(m map[string]*entry, rank func(*entry) int64) (bytes int) {
	for key, e := range m {
		n := e.state.Load().size()
		if n > s.o.MaxBytes {
			delete(m, key)
			continue
		}
		bytes += n
	}
	if len(m) <= s.o.MaxEntries && bytes <= s.o.MaxBytes {
		return bytes
	}
	order := make([]ranked, 0, len(m))
	for _, e := range m {
		order = append(order, ranked{e, rank(e)})
	}
	for i := len(order)/2 - 1; i >= 0; i-- {
		sink(order, i)
	}
	for len(order) > 0 && (len(m) > s.o.MaxEntries || bytes > s.o.MaxBytes) {
		e, last := order[0].entry, len(order)-1
		order[0] = order[last]
		order = order[:last]
		sink(order, 0)
		bytes -= e.state.Load().size()
		delete(m, e.key())
	}
	return bytes
}

// ranked is an entry with its rank.
type ranked struct {
	entry *entry
	rank  int64
}

// sink moves an entry of a heap, the lowest rank first, down to its place. The standard
// library's heap and sort would add a package or 10 KB to small functions.
func sink(heap []ranked, i int) {
	for {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && heap[child+1].rank < heap[child].rank {
			child++
		}
		if heap[i].rank <= heap[child].rank {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}
