package idempotency

import (
	"bytes"
	"container/list"
	"sync"
	"time"
)

// cache keeps completed records. A nil *cache is empty.
type cache struct {
	maxRecords, maxBytes int

	mu      sync.Mutex
	bytes   int
	records map[string]*list.Element // of *Record
	byUse   *list.List               // the last used in front
}

func newCache(maxRecords, maxBytes int) *cache {
	return &cache{maxRecords: maxRecords, maxBytes: maxBytes, records: make(map[string]*list.Element), byUse: list.New()}
}

// get returns the record of a key if it is live. The caller must not change it.
func (c *cache) get(key string, now time.Time) *Record {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.records[key]
	if e == nil {
		return nil
	}
	r := e.Value.(*Record)
	if !r.Live(now) {
		c.remove(e)
		return nil
	}
	c.byUse.MoveToFront(e)
	return r
}

// put keeps a copy of a completed record.
func (c *cache) put(r *Record) {
	if c == nil || size(r) > c.maxBytes {
		return
	}
	kept := *r
	kept.Data = bytes.Clone(r.Data) // the runtime may reuse these bytes
	r = &kept
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.records[r.Key]; e != nil {
		c.remove(e)
	}
	c.records[r.Key] = c.byUse.PushFront(r)
	c.bytes += size(r)
	for len(c.records) > c.maxRecords || c.bytes > c.maxBytes {
		c.remove(c.byUse.Back())
	}
}

func (c *cache) remove(e *list.Element) {
	r := c.byUse.Remove(e).(*Record)
	delete(c.records, r.Key)
	c.bytes -= size(r)
}

// size returns about how many bytes a record takes.
func size(r *Record) int { return len(r.Key) + len(r.Owner) + len(r.Validation) + len(r.Data) + 200 }
