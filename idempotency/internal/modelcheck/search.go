package modelcheck

import (
	"math/rand/v2"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// stats is the result of a search.
type stats struct {
	histories, states, steps int
	complete                 bool // all histories were played
	bad                      *violation
	picks                    []int // of the bad history
}

// exhaust plays all histories of a scenario, depth first and at most limit of them, until one
// breaks a rule. It leaves a history in a state that an earlier history has reached, because the
// continuations are the same.
func exhaust(sc *scenario, limit int) (s stats) {
	type branch struct{ pick, of int }
	var path []branch
	seen := make(map[uint64]struct{})
	for s.histories < limit {
		depth := 0
		h := newHistory(sc, nil)
		h.play(func(h *history) int {
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
				panic("modelcheck: the same choices led to another state")
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

// smallest finds a violation with the smallest budget, so that its history is short.
func smallest(sc scenario, limit int) (scenario, stats) {
	most := sc.budget
	var all stats
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

// replay plays one history again and passes its story to tell.
func replay(sc *scenario, picks []int, tell func(string, ...any)) *violation {
	depth := 0
	h := newHistory(sc, tell)
	h.play(func(h *history) int {
		if depth == len(picks) {
			return -min(len(h.steps), 1)
		}
		depth++
		return picks[depth-1]
	})
	return h.bad
}

// atRandom returns a function that chooses steps by weight, so that most steps are ordinary.
func atRandom(rng *rand.Rand) func(*history) int {
	weight := [stepKinds]int{stepGo: 120, stepDeliver: 120, stepLoseAnswer: 10, stepLoseRequest: 10, stepRefuse: 6, stepCopy: 20, stepLand: 20, stepCrash: 4, stepAdvance: 8, stepQuiet: 40}
	for kind := range weight {
		if stepKind(kind) != stepGo && stepKind(kind) != stepDeliver {
			weight[kind] *= 1 + rng.IntN(3) // some histories have more failures than others
		}
	}
	return func(h *history) int {
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

// digest is a running hash that tells states apart. It is not cryptographic.
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

// record adds a record, with the name of the execution instead of the random owner.
func (d digest) record(h *history, r *idempotency.Record) digest {
	if r == nil {
		return d.int(0)
	}
	owner := ""
	if run := h.byOwner[r.Owner]; run != nil {
		owner = run.name
	}
	return d.text(owner).text(string(r.Status)).int(int64(millisOf(r.Lease))).int(int64(millisOf(r.Expiration))).text(r.Validation).text(string(r.Data))
}

// traceOf returns a hash of all answers that a worker got. The hash and the plan determine the
// next steps of the worker.
func (h *history) traceOf(w *worker, a reply) uint64 {
	d := digest(w.trace).int(int64(h.now)).bool(a.crashed).record(h, a.existing)
	if a.err != nil {
		d = d.text(a.err.Error())
	}
	return uint64(d)
}

// state returns a hash of the state of a history: everything that the next steps depend on and
// that the rules check. The order of executions and of copies does not count.
func (h *history) state() uint64 {
	d := digest(h.quietState()).int(int64(h.left.trouble)).int(int64(h.left.clock))
	for _, w := range h.workers {
		d = d.int(int64(w.trace)).bool(w.crashed).int(int64(w.pending))
	}
	var air digest
	for i := range h.inFlight {
		q := &h.inFlight[i]
		air += digest(2).int(int64(q.op)).int(int64(millisOf(q.now))).record(h, &q.rec)
	}
	d = d.int(int64(air))
	if h.sc.wait != nil { // Options.Wait counts on the real clock
		d = d.int(int64(time.Since(h.born)))
	}
	return uint64(d)
}

// quietState returns a hash of the part of the state that counts after all calls.
func (h *history) quietState() uint64 {
	d := digest(0).int(int64(h.now))
	for _, key := range sortedKeys(h.store) {
		d = d.text(key).record(h, h.store.records[key])
		if h.sc.hole != nil { // which may read it
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
