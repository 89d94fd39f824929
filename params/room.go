package params

import (
	"container/heap"
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
func (s *Store) replace(change func(map[string]*entry)) {
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
func (s *Store) makeRoom() {
	if s.bytes.Load() > int64(s.o.MaxBytes) {
		s.replace(func(map[string]*entry) {})
	}
}

// evict deletes entries until the others fit: values larger than MaxBytes, then the entries
// of the lowest ranks. It returns the bytes of the others, and calls rank once for each.
func (s *Store) evict(m map[string]*entry, rank func(*entry) int64) (bytes int) {
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
	var order ranking
	for _, e := range m {
		order = append(order, ranked{e, rank(e)})
	}
	heap.Init(&order)
	for len(order) > 0 && (len(m) > s.o.MaxEntries || bytes > s.o.MaxBytes) {
		e := heap.Pop(&order).(ranked).entry
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

// ranking is a heap of entries, the lowest rank first. It implements heap.Interface.
type ranking []ranked

func (r ranking) Len() int           { return len(r) }
func (r ranking) Less(i, j int) bool { return r[i].rank < r[j].rank }
func (r ranking) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *ranking) Push(x any)        { *r = append(*r, x.(ranked)) }

func (r *ranking) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}
