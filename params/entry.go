package params

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// entry is what the Store knows of one parameter, or of one path.
type entry struct {
	name  string
	path  bool
	state atomic.Pointer[state]
	used  atomic.Int64 // when it was last asked for, to a second

	mu       sync.Mutex // guards what follows
	flight   *flight
	failures int   // in a row
	retry    int64 // no attempt ahead of time before that
	changes  int   // by Put, which fetches that began before must not undo
}

// state is what a call finds. It is not changed, but replaced.
type state struct {
	content *content
	err     error // there is no such parameter
	fetched int64 // nanoseconds since 1970, as all times
	expires int64
	stale   bool // it has expired, and could not be refreshed
}

// content is a value and what it was decoded to.
type content struct {
	value   Value
	below   map[string]Value // of a path
	decoded atomic.Pointer[node]
}

func (c *content) size() int {
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

// pathKey returns the key of a path among those of names.
func pathKey(path string) string { return nul + path }

func (s *Store) lookup(key string) *entry { return (*s.entries.Load())[key] }

// entry returns the one of a key, which may be new.
func (s *Store) entry(key string) *entry {
	if e := s.lookup(key); e != nil {
		return e
	}
	s.entriesOf([]string{key})
	if e := s.lookup(key); e != nil {
		return e
	}
	return s.newEntry(key) // there was no room
}

// entriesOf makes entries for those of the keys that have none.
func (s *Store) entriesOf(keys []string) {
	unknown := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return s.lookup(key) != nil })
	if len(unknown) == 0 {
		return
	}
	s.replace(func(m map[string]*entry) {
		for _, key := range unknown {
			if m[key] == nil {
				m[key] = s.newEntry(key)
			}
		}
	})
}

func (s *Store) newEntry(key string) *entry {
	e := &entry{name: strings.Clone(key)} // it may be part of something large
	if path, ok := strings.CutPrefix(e.name, nul); ok {
		e.name, e.path = path, true
	}
	e.used.Store(s.now())
	return e
}

func (e *entry) key() string {
	if e.path {
		return pathKey(e.name)
	}
	return e.name
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
	bytes := 0
	for _, e := range m {
		if st := e.state.Load(); st != nil && st.content != nil {
			bytes += st.content.size()
		}
	}
	for len(m) > s.o.MaxEntries || bytes > s.o.MaxBytes {
		var oldest *entry
		for key, e := range m { // new ones last, whatever the clock did
			if oldest == nil || rank(before[key] == e, e) < rank(before[oldest.key()] == oldest, oldest) {
				oldest = e
			}
		}
		if oldest == nil {
			break
		}
		if st := oldest.state.Load(); st != nil && st.content != nil {
			bytes -= st.content.size()
		}
		delete(m, oldest.key())
	}
	s.bytes.Store(int64(bytes))
	s.entries.Store(&m)
}

// change notes that the source was changed: what is being fetched may be older, and is not
// for later callers. e.mu is held.
func (e *entry) change() int {
	e.changes++
	e.flight = nil
	return e.changes
}

// rank orders entries by how soon they make room.
func rank(old bool, e *entry) int64 {
	if !old {
		return math.MaxInt64
	}
	return e.used.Load()
}

// touch notes that e is in use.
func (e *entry) touch(now int64) {
	if used := e.used.Load(); now-used > int64(time.Second) || now < used {
		e.used.Store(now)
	}
}
