package viewer

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/logline"
	"github.com/lambdakit/lambdakit/internal/segment"
)

// Bounds of a Store.
const (
	maxInvocations = 500
	maxBytes       = 64 << 20 // of events, responses, lines and spans of all invocations
	maxLines       = 5_000    // of an invocation
	maxLineBytes   = 8 << 20  // of all lines of an invocation
	maxSpans       = 2_000    // of an invocation
	maxWaiting     = 1_000    // lines that belong to the next invocation
	maxRemoved     = 2_000    // removed ids that streams are told of one by one
)

// Store keeps the last invocations. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex
	state   State
	all     []*invocation // oldest first
	byID    map[string]*invocation
	active  []*invocation // that run, oldest first
	waiting waiting       // written while no invocation ran
	number  int
	bytes   int

	// Changes count up. A stream asks for what is newer than the last one that it knows.
	change  int
	stated  int       // the change of the state
	removed []removal // the newest ones
	forgot  int       // the change of the newest removal that is not in removed
	changed chan struct{}
}

// waiting are lines that belong to the next invocation.
type waiting struct {
	lines   []line
	bytes   int
	dropped int // lines beyond the bounds
}

// add keeps a line, and returns how many bytes it takes.
func (w *waiting) add(l line) int {
	if len(w.lines) == maxWaiting || w.bytes+l.size() > maxLineBytes {
		w.dropped++
		return 0
	}
	w.lines = append(w.lines, l)
	w.bytes += l.size()
	return l.size()
}

type removal struct {
	id     string
	change int
}

// NewStore returns an empty Store.
func NewStore(s State) *Store {
	return &Store{state: s, byID: make(map[string]*invocation), changed: make(chan struct{})}
}

// touch counts a change and wakes the streams. The caller holds s.mu.
func (s *Store) touch() int {
	s.change++
	close(s.changed)
	s.changed = make(chan struct{})
	return s.change
}

// SetState changes the state of the function.
func (s *Store) SetState(f func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.state)
	s.stated = s.touch()
}

// State returns the state of the function.
func (s *Store) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Begin adds an invocation that starts. A title is used if the event tells none.
func (s *Store) Begin(id, title string, event []byte, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	inv := newInvocation(id, s.number, title, event, now)
	s.bytes -= s.waiting.bytes
	inv.dropped = s.waiting.dropped
	for _, l := range s.waiting.lines {
		l.before = true
		s.grow(inv.add(l))
	}
	s.waiting = waiting{}
	s.all = append(s.all, inv)
	s.byID[id] = inv
	s.active = append(s.active, inv)
	s.grow(len(event))
	inv.change = s.touch()
}

// grow counts bytes, and removes invocations beyond the bounds. The caller holds s.mu.
func (s *Store) grow(n int) {
	s.bytes += n
	for i := 0; i < len(s.all) && (len(s.all) > maxInvocations || s.bytes > maxBytes); {
		if s.all[i].running() {
			i++
			continue
		}
		s.remove(i)
	}
}

// remove removes an invocation. The caller holds s.mu.
func (s *Store) remove(i int) {
	inv := s.all[i]
	s.all = slices.Delete(s.all, i, i+1)
	delete(s.byID, inv.id)
	s.bytes -= inv.bytes
	s.removed = append(s.removed, removal{inv.id, s.touch()})
	if n := len(s.removed) - maxRemoved; n > 0 {
		s.forgot = s.removed[n-1].change
		s.removed = slices.Delete(s.removed, 0, n)
	}
}

// Clear removes all invocations that have ended.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.all) - 1; i >= 0; i-- {
		if !s.all[i].running() {
			s.remove(i)
		}
	}
}

// Line adds a line of output. It belongs to the invocation that it names, or else to the one that runs,
// or to the next one.
func (s *Store) Line(text []byte, stderr bool, now time.Time) {
	l := line{text: slices.Clone(text), at: now, stderr: stderr}
	if len(text) > 0 && text[0] == '{' {
		l.object = logline.Parse(l.text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.byID[l.object.RequestID()]
	if inv == nil && len(s.active) > 0 {
		inv = s.active[len(s.active)-1]
	}
	if inv == nil {
		s.grow(s.waiting.add(l))
		return
	}
	s.grow(inv.add(l))
	inv.change = s.touch()
}

// End completes an invocation.
func (s *Store) End(r *emulator.Result, spans []segment.Document, dropped int) {
	s.finish(r.RequestID, func(inv *invocation) {
		before := inv.bytes
		inv.end(r, spans, dropped)
		s.grow(inv.bytes - before)
	})
}

// Fail completes an invocation that did not take place.
func (s *Store) Fail(id string, err error, now time.Time) {
	s.finish(id, func(inv *invocation) { inv.fail(err, now) })
}

func (s *Store) finish(id string, f func(*invocation)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.byID[id]
	if inv == nil {
		return
	}
	s.active = slices.DeleteFunc(s.active, func(a *invocation) bool { return a == inv })
	f(inv)
	inv.change = s.touch()
}

// Summaries returns all invocations, oldest first.
func (s *Store) Summaries() []Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.summaries(0)
}

// summaries returns the invocations that changed after a change. The caller holds s.mu.
func (s *Store) summaries(after int) []Summary {
	list := []Summary{}
	for _, inv := range s.all {
		if inv.change > after {
			list = append(list, inv.summary())
		}
	}
	return list
}

// Invocation returns all that is known of an invocation.
func (s *Store) Invocation(id string) (Invocation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.byID[id]
	if inv == nil {
		return Invocation{}, false
	}
	return inv.detail(&s.state), true
}

// Event returns the event of an invocation, and its title.
func (s *Store) Event(id string) (event []byte, title string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.byID[id]
	if inv == nil {
		return nil, "", false
	}
	return inv.event, inv.title, true
}

// update is what a stream sends.
type update struct {
	Snapshot    bool // State and Invocations replace everything
	State       *State
	Invocations []Summary
	Removed     []string
}

// since returns what is newer than a change, the change that the next call names, and a channel that is
// closed by the next change. A negative change asks for everything.
func (s *Store) since(change int) (u update, now int, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Snapshot = change < 0 || change < s.forgot
	if u.Snapshot {
		change = -1
	}
	if s.stated > change || u.Snapshot {
		state := s.state
		u.State = &state
	}
	u.Invocations = s.summaries(change)
	if !u.Snapshot {
		gone := make(map[string]bool)
		for _, r := range s.removed {
			if r.change > change {
				gone[r.id] = true
			}
		}
		u.Removed = slices.Sorted(maps.Keys(gone))
	}
	return u, s.change, s.changed
}
