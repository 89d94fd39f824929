package params

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambdakit/lambdakit"
)

// entry is the cached state of one parameter or path, and its fetch in flight.
type entry struct {
	name     string
	isPath   bool
	state    atomic.Pointer[state]
	lastUsed atomic.Int64 // when a call used it, to a second

	mu         sync.Mutex // guards the fields below
	inflight   *fetch
	failures   int   // in a row
	reported   bool  // OnError got an error for this outage
	retryAt    int64 // RefreshAhead starts no fetch before
	generation int   // counts writes and stuck fetches; see newGeneration
}

// String returns the failed operation for errors, such as get "/shop/db/url".
func (e *entry) String() string {
	if e.isPath {
		return fmt.Sprintf("get below %q", e.name)
	}
	return fmt.Sprintf("get %q", e.name)
}

// state is the cached answer of the source. It is immutable; an entry replaces it.
type state struct {
	content  *content
	err      error // ErrNotFound, instead of content
	fetched  int64 // in nanoseconds since 1970, like all times
	expires  int64
	stale    bool // a refresh failed; expires is the time of the next attempt
	doubtful bool // a Put failed, so the source may have another value
}

// size returns the bytes of the content.
func (st *state) size() int {
	if st == nil {
		return 0
	}
	return st.content.size()
}

// content is the value of a parameter, or the values below a path, with their decoded forms.
type content struct {
	value    Value
	children map[string]Value // the values below a path, by relative name
	forms    atomic.Pointer[formNode]
	secret   atomic.Pointer[lambdakit.Secret] // made once, because a hit must not allocate
}

func (ct *content) size() int {
	if ct == nil {
		return 0
	}
	n := len(ct.value.Text) + len(ct.value.Version)
	for k, v := range ct.children {
		n += len(k) + len(v.Text) + len(v.Version)
	}
	return n
}

func (ct *content) equal(o *content) bool {
	return ct.value == o.value && maps.Equal(ct.children, o.children)
}

const pathMark = "\x00" // checkName rejects names that contain it

// pathKey returns the key of a path. No name of a parameter is equal to it.
func pathKey(path string) string { return pathMark + path }

func (c *Cache) lookup(key string) *entry { return (*c.entries.Load())[key] }

// entry returns the entry of a key. It makes one if none exists.
func (c *Cache) entry(key string) *entry {
	if e := c.lookup(key); e != nil {
		return e
	}
	return c.entriesOf([]string{key})[0]
}

// entriesOf returns the entries of different keys. It makes the missing entries. If there are more
// of them than MaxRecords, the rest are not part of the cache.
func (c *Cache) entriesOf(keys []string) []*entry {
	now := c.now()
	entries := make([]*entry, len(keys))
	missing := 0
	for i, key := range keys {
		if e := c.lookup(key); e != nil {
			e.touch(now)
			entries[i] = e
		} else {
			missing++
		}
	}
	if missing == 0 {
		return entries
	}
	c.updateEntries(func(m map[string]*entry) {
		free := c.options.MaxRecords
		for i, key := range keys {
			if entries[i] == nil {
				entries[i] = m[key]
			}
			if entries[i] == nil {
				entries[i] = newEntry(key, now)
				if free > 0 {
					free--
					m[key] = entries[i]
				}
			}
		}
	})
	return entries
}

func newEntry(key string, now int64) *entry {
	e := &entry{name: strings.Clone(key)} // key may be part of a large string
	if path, ok := strings.CutPrefix(e.name, pathMark); ok {
		e.name, e.isPath = path, true
	}
	e.lastUsed.Store(now)
	return e
}

func (e *entry) key() string {
	if e.isPath {
		return pathKey(e.name)
	}
	return e.name
}

// newGeneration detaches the fetch in flight: it may return a value from before a write, so later
// calls must not get its result. The caller holds e.mu.
func (e *entry) newGeneration() int {
	e.generation++
	e.inflight = nil
	return e.generation
}

// touch records that a call used the entry.
func (e *entry) touch(now int64) {
	if used := e.lastUsed.Load(); now-used > int64(time.Second) || now < used {
		e.lastUsed.Store(now)
	}
}

// secretOf returns the value as a Secret.
func (ct *content) secretOf() lambdakit.Secret {
	if s := ct.secret.Load(); s != nil {
		return *s
	}
	s := lambdakit.NewSecret(ct.value.Text)
	ct.secret.Store(&s)
	return s
}
