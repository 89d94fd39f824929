package idempotency_test

import (
	"math/rand/v2"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// simStats is what a search looked at.
type simStats struct {
	histories, states, steps int
	complete                 bool // nothing was left out
	bad                      *simViolation
	picks                    []int // of the bad history
}

// exhaust plays all histories of a scenario, depth first, at most limit of them, until one
// breaks a rule. A history is left where another has been in the same state before it: what
// can follow has been looked at from there.
func exhaust(sc *simScenario, limit int) (s simStats) {
	type branch struct{ pick, of int }
	var path []branch
	seen := make(map[uint64]struct{})
	for s.histories < limit {
		depth := 0
		h := newSimHistory(sc, nil)
		h.play(func(h *simHistory) int {
			n := len(h.steps)
			if n == 0 {
				state := h.quietState()
				if _, known := seen[state]; known {
					return -1
				}
				seen[state] = struct{}{}
				return 0
			}
			if depth == len(path) {
				if n > 1 {
					state := h.state()
					if _, known := seen[state]; known {
						return -1
					}
					seen[state] = struct{}{}
				}
				path = append(path, branch{0, n})
				s.steps++
			}
			if path[depth].of != n {
				panic("model: the same choices led to another state")
			}
			depth++
			return path[depth-1].pick
		})
		s.histories++
		s.states = len(seen)
		if h.bad != nil {
			s.bad, s.picks = h.bad, h.picks
			return s
		}
		for len(path) > 0 && path[len(path)-1].pick+1 == path[len(path)-1].of {
			path = path[:len(path)-1]
		}
		if len(path) == 0 {
			s.complete = true
			return s
		}
		path[len(path)-1].pick++
	}
	return s
}

// smallest looks for a violation with as little going wrong as possible, so that its history
// can be read.
func smallest(sc simScenario, limit int) (simScenario, simStats) {
	most := sc.simBudget
	var all simStats
	for n := range most.trouble + most.clock + 1 {
		for sc.clock = max(0, n-most.trouble); sc.clock <= min(n, most.clock); sc.clock++ {
			sc.trouble = n - sc.clock
			s := exhaust(&sc, limit)
			all.histories += s.histories
			all.states += s.states
			if s.bad != nil {
				all.bad, all.picks = s.bad, s.picks
				return sc, all
			}
		}
	}
	return sc, all
}

// replay plays one history again and tells of it.
func replay(sc *simScenario, picks []int, tell func(string, ...any)) *simViolation {
	depth := 0
	h := newSimHistory(sc, tell)
	h.play(func(h *simHistory) int {
		if depth == len(picks) {
			return -min(len(h.steps), 1)
		}
		depth++
		return picks[depth-1]
	})
	return h.bad
}

// atRandom returns a function that chooses steps by weight, so that most of a history is ordinary.
func atRandom(rng *rand.Rand) func(*simHistory) int {
	weight := [simKinds]int{stepGo: 120, stepDeliver: 120, stepLoseAnswer: 10, stepLoseRequest: 10, stepRefuse: 6, stepCopy: 20, stepLand: 20, stepCrash: 4, stepAdvance: 8, stepQuiet: 40}
	for kind := range weight {
		if simKind(kind) != stepGo && simKind(kind) != stepDeliver {
			weight[kind] *= 1 + rng.IntN(3) // some histories are worse than others
		}
	}
	return func(h *simHistory) int {
		sum := 0
		for _, s := range h.steps {
			sum += weight[s.kind]
		}
		if sum == 0 {
			return 0
		}
		at := rng.IntN(sum)
		for i, s := range h.steps {
			if at -= weight[s.kind]; at < 0 {
				return i
			}
		}
		panic("unreachable")
	}
}

// digest is a running hash. It keeps the model's states apart, not adversaries.
type digest uint64

func (d digest) int(v int64) digest {
	x := (uint64(d) ^ uint64(v)) * 0x9e3779b97f4a7c15
	x ^= x >> 32
	return digest(x * 0xd6e8feb86659fd93)
}

func (d digest) bool(v bool) digest {
	if v {
		return d.int(1)
	}
	return d.int(2)
}

func (d digest) text(v string) digest {
	for i := range len(v) {
		d = (d ^ digest(v[i])) * 0x100000001b3
	}
	return d.int(int64(len(v)))
}

// record adds a record, with its run's name in place of its random owner.
func (d digest) record(h *simHistory, r *idempotency.Record) digest {
	if r == nil {
		return d.int(0)
	}
	owner := ""
	if run := h.byOwner[r.Owner]; run != nil {
		owner = run.name
	}
	return d.text(owner).text(string(r.Status)).int(int64(simTimeOf(r.Lease))).int(int64(simTimeOf(r.Expiration))).text(r.Validation).text(string(r.Data))
}

// traceOf sums up what a worker has been told, which with its plan determines what it does.
func (h *simHistory) traceOf(w *simWorker, a simReply) uint64 {
	d := digest(w.trace).int(int64(h.now)).bool(a.crashed).record(h, a.existing)
	if a.err != nil {
		d = d.text(a.err.Error())
	}
	return uint64(d)
}

// state identifies the state of a history: all that what follows depends on, and all that the
// rules look at. Where the order of things has no part in that, it has none in this.
func (h *simHistory) state() uint64 {
	d := digest(h.quietState()).int(int64(h.left.trouble)).int(int64(h.left.clock))
	for _, w := range h.workers {
		d = d.int(int64(w.trace)).bool(w.crashed).int(int64(w.pending))
	}
	var air digest
	for i := range h.air {
		q := &h.air[i]
		air += digest(2).int(int64(q.op)).int(int64(simTimeOf(q.now))).record(h, &q.rec)
	}
	d = d.int(int64(air))
	if h.sc.wait != nil { // the patience of one that waits is counted on the other clock
		d = d.int(int64(time.Since(h.born)))
	}
	return uint64(d)
}

// quietState is the part of the state that counts when all calls are over.
func (h *simHistory) quietState() uint64 {
	d := digest(0).int(int64(h.now))
	for _, key := range sortedKeys(h.store) {
		d = d.text(key).record(h, h.store.records[key])
		if h.sc.hole != nil { // which may look at it
			d = d.record(h, h.store.former[key])
		}
	}
	var runs digest
	for _, r := range h.runs {
		runs += digest(1).text(r.name).bool(r.granted).int(int64(r.grant)).bool(r.began).int(int64(r.lease)).bool(r.called).
			bool(r.working).bool(r.effect).bool(r.failed).bool(r.completed).int(int64(r.expires))
	}
	return uint64(d.int(int64(runs)))
}
