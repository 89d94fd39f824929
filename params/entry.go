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

// entry holds the value of one parameter, or of one path, and its fetch.
type entry struct {
	name  string
	path  bool
	state atomic.Pointer[state]
	used  atomic.Int64 // when it was last asked for, to a second

	mu       sync.Mutex // guards the fields below
	flight   *flight
	failures int   // in a row
	reported bool  // OnError knows of this outage
	retry    int64 // no attempt ahead of time before that
	changes  int   // by Put and lost fetches, which fetches that began before must not undo
}

// String names the parameter, or the path, in errors.
func (e *entry) String() string {
	if e.path {
		return fmt.Sprintf("get below %q", e.name)
	}
	return fmt.Sprintf("get %q", e.name)
}

// state is the cached answer of the source. It is replaced, never changed.
type state struct {
	content *content
	err     error // the parameter does not exist
	fetched int64 // nanoseconds since 1970, as all times
	expires int64
	stale   bool // it has expired, and could not be refreshed
}

// content is a value and its decoded forms.
type content struct {
	value   Value
	below   map[string]Value // of a path
	decoded atomic.Pointer[node]
	secret  atomic.Pointer[lambdakit.Secret] // made once, so that a hit allocates nothing
}

func (c *content) size() int {
	if c == nil {
		return 0
	}
	n := len(c.value.Text) + len(c.value.Version)
	for k, v := range c.below {
		n += len(k) + len(v.Text) + len(v.Version)
	}
	return n
}

func (c *content) equal(o *content) bool {
	return c.value == o.value && maps.Equal(c.below, o.below)
}

const nul = "\x00" // not in names of parameters

// pathKey returns the key of a path, which differs from the keys of names.
func pathKey(path string) string { return nul + path }

func (s *Cache) lookup(key string) *entry { return (*s.entries.Load())[key] }

// entry returns the entry of a key, which may be new.
func (s *Cache) entry(key string) *entry {
	if e := s.lookup(key); e != nil {
		return e
	}
	return s.entriesOf([]string{key})[0]
}

// entriesOf returns the entries of keys, which are all different. It makes those that are
// missing. More new ones than there is room for are the caller's alone.
func (s *Cache) entriesOf(keys []string) []*entry {
	now := s.now()
	entries := make([]*entry, len(keys))
	missing := 0
	for i, key := range keys {
		if e := s.lookup(key); e != nil {
			e.touch(now)
			entries[i] = e
		} else {
			missing++
		}
	}
	if missing == 0 {
		return entries
	}
	s.replace(func(m map[string]*entry) {
		room := s.o.MaxEntries
		for i, key := range keys {
			if entries[i] == nil {
				entries[i] = m[key]
			}
			if entries[i] == nil {
				entries[i] = newEntry(key, now)
				if room > 0 {
					room--
					m[key] = entries[i]
				}
			}
		}
	})
	return entries
}

func newEntry(key string, now int64) *entry {
	e := &entry{name: strings.Clone(key)} // it may be part of something large
	if path, ok := strings.CutPrefix(e.name, nul); ok {
		e.name, e.path = path, true
	}
	e.used.Store(now)
	return e
}

func (e *entry) key() string {
	if e.path {
		return pathKey(e.name)
	}
	return e.name
}

// change notes that the source was changed: a fetch that is under way may return an older
// value, which is not for later callers. e.mu is held.
func (e *entry) change() int {
	e.changes++
	e.flight = nil
	return e.changes
}

// touch notes that e is in use.
func (e *entry) touch(now int64) {
	if used := e.used.Load(); now-used > int64(time.Second) || now < used {
		e.used.Store(now)
	}
}

// secretOf returns the text of a content as a Secret.
func (c *content) secretOf() lambdakit.Secret {
	if s := c.secret.Load(); s != nil {
		return *s
	}
	s := lambdakit.NewSecret(c.value.Text)
	c.secret.Store(&s)
	return s
}
