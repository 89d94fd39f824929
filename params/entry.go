package params

import (
	"maps"
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
	failures int // in a row
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
	m := maps.Clone(*s.entries.Load())
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
		for _, e := range m {
			if oldest == nil || e.used.Load() < oldest.used.Load() {
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

// touch notes that e is in use.
func (e *entry) touch(now int64) {
	if now-e.used.Load() > int64(time.Second) {
		e.used.Store(now)
	}
}
