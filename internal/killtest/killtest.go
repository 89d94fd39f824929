// Package killtest lets processes compete for keys in one store, and kills some of them during their
// work, as Lambda does with functions that time out. A test binary that uses it begins with
//
//	func TestMain(m *testing.M) {
//		killtest.Main(m, func() idempotency.Store { ... })
//	}
package killtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Options configures Run.
type Options struct {
	Workers    int // processes
	Rounds     int // keys
	Duplicates int // calls for each key
	Kills      int // keys at which a process is killed: half of them between the effect and Complete
}

// Rounds returns the number in LAMBDAKIT_ROUNDS, or n if it is not set.
func Rounds(n int) int {
	if more, err := strconv.Atoi(os.Getenv("LAMBDAKIT_ROUNDS")); err == nil {
		return more
	}
	return n
}

// inFlight is the number of keys that are in use at the same time.
const inFlight = 8

// Run fails t in these cases:
//
//   - The effect of a key happened twice while a lease was live.
//   - It happened more than once, although no process was killed between the effect and Complete.
//   - A call got an answer that was not recorded.
func Run(t *testing.T, o Options) {
	p := &parent{o: o, keys: make(map[string]*history), modes: make(map[int]string), run: fmt.Sprintf("%016x", rand.Uint64())}
	for i := range o.Kills {
		p.modes[rand.IntN(o.Rounds)] = []string{hang, race}[i%2]
	}
	for range o.Workers {
		p.workers = append(p.workers, p.start(t))
	}
	rounds := make(chan int)
	var wg sync.WaitGroup
	for range inFlight {
		wg.Go(func() {
			for round := range rounds {
				p.round(t, round)
			}
		})
	}
	for round := range o.Rounds {
		rounds <- round
	}
	close(rounds)
	wg.Wait()
	for _, w := range p.workers {
		w.stop()
	}
	p.verify(t)
}

// parent is the process of the test.
type parent struct {
	o   Options
	run string // makes the keys of this run unique

	mu      sync.Mutex
	workers []*worker
	keys    map[string]*history
	modes   map[int]string // of rounds whose mode is not plain
	killed  int
}

// history has the events of a key.
type history struct {
	mode     string // of the calls: the fate of the process that has the effect
	effects  []effect
	answers  map[string]int // by id of the effect, or name of the error
	answered chan struct{}  // one for each call that got an answer or never will
}

// effect is an effect that happened.
type effect struct {
	id        string
	worker    *worker
	at, lease time.Time
	killed    bool // its process was killed before it reported the end
	late      bool // it got an ErrLeaseLost
}

// round calls for a key from all workers, and repeats that until all calls have an answer.
func (p *parent) round(t *testing.T, n int) {
	key := fmt.Sprintf("%s-%d", p.run, n)
	h := &history{answers: make(map[string]int), answered: make(chan struct{}, 4*p.o.Duplicates), mode: cmp.Or(p.modes[n], plain)}
	p.mu.Lock()
	p.keys[key] = h
	p.mu.Unlock()
	for call := range p.o.Duplicates {
		p.send(t, call%p.o.Workers, key)
	}
	for range p.o.Duplicates {
		<-h.answered
	}
	// Repeat until a call has the answer. If a process was killed, that takes a lease.
	for !p.settled(h) {
		p.send(t, rand.IntN(p.o.Workers), key)
		<-h.answered
	}
}

func (p *parent) settled(h *history) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range h.effects {
		if h.answers[e.id] > 0 && !e.late {
			return true
		}
	}
	return false
}

// send lets a worker call for a key. A killed worker is replaced first.
func (p *parent) send(t *testing.T, i int, key string) {
	p.mu.Lock()
	w := p.workers[i]
	if w.dead {
		w = p.start(t)
		p.workers[i] = w
	}
	w.pending[key]++
	mode := p.keys[key].mode
	p.mu.Unlock()
	w.send(key + " " + mode)
}

// verify checks the history of a key.
func (p *parent) verify(t *testing.T) {
	var effects, repeated int
	for key, h := range p.keys {
		effects += len(h.effects)
		for i, e := range h.effects {
			if i == 0 {
				continue
			}
			repeated++
			before := h.effects[i-1]
			if e.at.Before(before.lease) {
				t.Errorf("%s: an effect %v before the lease of the one before it ended", key, before.lease.Sub(e.at))
			}
			if !before.killed && !before.late {
				t.Errorf("%s: a second effect, and nobody was killed between the first and its record", key)
			}
		}
		last := h.effects[len(h.effects)-1].id
		for answer, n := range h.answers {
			if known := answer == last || answer == inProgress || answer == leaseLost; !known && !p.wasOverrun(h, answer) {
				t.Errorf("%s: %d calls were answered %q, want %q", key, n, answer, last)
			}
		}
	}
	t.Logf("%d keys, %d calls each by %d processes, of which %d were killed: %d effects, %d of them repeated after a lease had run out",
		p.o.Rounds, p.o.Duplicates, p.o.Workers, p.killed, effects, repeated)
	if p.o.Kills > 0 && p.killed == 0 {
		t.Error("nobody was killed")
	}
}

// wasOverrun reports whether an answer comes from an execution that got an ErrLeaseLost.
func (p *parent) wasOverrun(h *history, id string) bool {
	for _, e := range h.effects {
		if e.id == id {
			return e.late
		}
	}
	return false
}
