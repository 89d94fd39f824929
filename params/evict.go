package params

import (
	"maps"
	"math"
	"time"
)

// updateEntries changes a copy of the entries, evicts what does not fit, and stores the copy.
func (c *Cache) updateEntries(change func(map[string]*entry)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, now := *c.entries.Load(), c.now()
	m := maps.Clone(before)
	if m == nil {
		m = make(map[string]*entry)
	}
	change(m)
	bytes := c.evict(m, func(e *entry) int64 {
		if before[e.key()] != e { // evict new entries last, even if the clock was set back
			return math.MaxInt64
		}
		used := e.lastUsed.Load()
		if used > after(now, time.Second) { // no call used it since the clock was set back
			used -= math.MaxInt64
		}
		return used
	})
	c.bytes.Store(int64(bytes))
	c.entries.Store(&m)
}

// evictIfFull evicts entries if the values exceed MaxBytes.
func (c *Cache) evictIfFull() {
	if c.bytes.Load() > int64(c.options.MaxBytes) {
		c.updateEntries(func(map[string]*entry) {})
	}
}

// evict deletes values larger than MaxBytes, then the entries with the lowest ranks until the
// others fit. It calls rank once for each entry, and returns the bytes of the entries that stay.
func (c *Cache) evict(m map[string]*entry, rank func(*entry) int64) (bytes int) {
	for key, e := range m {
		n := e.state.Load().size()
		if n > c.options.MaxBytes {
			delete(m, key)
			continue
		}
		bytes += n
	}
	if len(m) <= c.options.MaxRecords && bytes <= c.options.MaxBytes {
		return bytes
	}
	heap := make([]heapItem, 0, len(m))
	for _, e := range m {
		heap = append(heap, heapItem{e, rank(e)})
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		siftDown(heap, i)
	}
	for len(heap) > 0 && (len(m) > c.options.MaxRecords || bytes > c.options.MaxBytes) {
		e, last := heap[0].entry, len(heap)-1
		heap[0] = heap[last]
		heap = heap[:last]
		siftDown(heap, 0)
		bytes -= e.state.Load().size()
		delete(m, e.key())
	}
	return bytes
}

// heapItem is an entry in a heap whose first item has the lowest rank.
type heapItem struct {
	entry *entry
	rank  int64
}

// siftDown moves item i of a heap down to its place. The packages container/heap and slices (for
// sorting) would add a package or 10 KB to small functions.
func siftDown(heap []heapItem, i int) {
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
