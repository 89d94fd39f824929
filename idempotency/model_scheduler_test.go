package idempotency_test

import (
	"slices"
	"sync"
	"time"

	"github.com/lambdakit/lambdakit/idempotency"
)

// simHistory is one run of a scenario. It goes step by step: in each, one worker has a turn,
// or something happens in the network, or time passes. Nothing happens between steps, so the
// sequence of choices determines the history.
//
// What a network does to a request comes from four steps. A copy stays in the air and may
// arrive at any later time, or never; so a client that sends again what it had no answer to,
// as that of AWS does below the Store, is a copy that arrives before the request, and a
// request that arrives after its sender gave up is a copy of one that was lost.
type simHistory struct {
	sc      *simScenario
	store   *simStore
	now     simTime
	left    simBudget
	workers []*simWorker
	air     []simRequest
	up      chan struct{} // a worker's turn is over
	wg      sync.WaitGroup

	runs    []*simRun
	byOwner map[string]*simRun
	bad     *simViolation

	born  time.Time
	steps []simStep
	times []simTime // of addTimes
	picks []int
	ended map[string]int                   // calls, by ending; nil: nobody counts
	tell  func(format string, args ...any) // nil: nobody listens
}

// simKind is a kind of step.
type simKind int

const (
	stepGo          simKind = iota // a worker calls, works or returns
	stepDeliver                    // a request arrives and is answered
	stepLoseAnswer                 // it arrives, and the sender gets an error
	stepLoseRequest                // it does not arrive, and the sender gets an error
	stepRefuse                     // it is refused: the sender need not try again
	stepCopy                       // a copy of it is in the air from now on
	stepLand                       // a copy arrives
	stepCrash                      // a process dies
	stepAdvance                    // time passes
	stepQuiet                      // what is in the air never arrives
	simKinds
)

// simStep is one step.
type simStep struct {
	kind simKind
	n    int     // of the worker, or of the copy
	to   simTime // of stepAdvance
}

func newSimHistory(sc *simScenario, tell func(string, ...any)) *simHistory {
	h := &simHistory{
		sc: sc, store: newSimStore(simMaxData), now: 500, left: sc.simBudget, up: make(chan struct{}),
		byOwner: make(map[string]*simRun), born: time.Now(), tell: tell,
	}
	for i, plan := range sc.plans {
		h.newWorker(sc.skews[i], plan)
	}
	return h
}

// play runs a history to its end. choose returns the index of a step, or a negative number to
// leave the history there; at the end, where there are none, any other number.
func (h *simHistory) play(choose func(*simHistory) int) {
	for h.bad == nil {
		more := h.enabled()
		i := choose(h)
		if i < 0 {
			break
		}
		if !more {
			h.settle()
			break
		}
		h.picks = append(h.picks, i)
		h.take(h.steps[i])
	}
	for _, w := range h.workers {
		for !w.isDone() { // what is left of a history that ends early
			w.crashed = true
			h.resume(w, simReply{err: errSimCrashed, crashed: true})
		}
	}
	h.wg.Wait()
}

// enabled finds the steps that are possible, and reports whether there are any.
func (h *simHistory) enabled() bool {
	h.steps = h.steps[:0]
	add := func(kind simKind, n int) { h.steps = append(h.steps, simStep{kind: kind, n: n}) }
	busy := false
	for i, w := range h.workers {
		if w.pending == simStarts && !h.sc.fine {
			if add(stepGo, i); h.left.trouble > 0 {
				add(stepCrash, i)
			}
			return true
		}
	}
	for i, w := range h.workers {
		switch w.pending {
		case simGone:
			continue
		case simAsks:
			add(stepDeliver, i)
			if h.left.trouble > 0 {
				add(stepLoseAnswer, i)
				add(stepLoseRequest, i)
				add(stepRefuse, i)
				add(stepCopy, i)
			}
		default:
			add(stepGo, i)
		}
		busy = true
		if h.left.trouble > 0 && w.pending != simCalls {
			add(stepCrash, i)
		}
	}
	for i := range h.air {
		add(stepLand, i)
	}
	if !busy && len(h.air) > 0 {
		add(stepQuiet, 0)
	}
	if h.left.clock > 0 && len(h.steps) > 0 {
		h.addTimes()
	}
	return len(h.steps) > 0
}

// addTimes adds the steps of the clock: to the last moment of each lease and result, and to
// those around it, as each of the clocks shows them. In between nothing changes.
func (h *simHistory) addTimes() {
	times := h.times[:0]
	first := simTime(0)
	if h.sc.fine {
		first = -1
	}
	add := func(t simTime) {
		for i := range len(h.sc.skews) + 1 {
			skew := simTime(0) // of the world
			if i > 0 {
				skew = h.sc.skews[i-1]
			}
			for near := t - skew + first; near <= t-skew+1; near++ {
				if near > h.now {
					times = append(times, near)
				}
			}
		}
	}
	for _, key := range h.store.keys {
		if r := h.store.records[key]; r != nil && r.Status == idempotency.InProgress {
			add(simTimeOf(r.Lease))
		} else if r != nil {
			add(simTimeOf(r.Expiration))
		}
	}
	for _, r := range h.runs {
		if r.working {
			add(r.grant)
		}
	}
	if h.sc.cleanup > 0 {
		times = append(times, h.now+101) // just longer than anything is tried then
	}
	slices.Sort(times)
	h.times = times
	for _, t := range slices.Compact(times) {
		h.steps = append(h.steps, simStep{kind: stepAdvance, to: t})
	}
}

// take does a step, and checks what it led to.
func (h *simHistory) take(s simStep) {
	if h.tell != nil {
		h.tell("%s", h.describe(s))
	}
	switch s.kind {
	case stepAdvance:
		h.left.clock--
		h.now = s.to
	case stepQuiet:
		h.air = nil
	case stepLand:
		q := h.air[s.n]
		h.air = slices.Delete(slices.Clone(h.air), s.n, s.n+1)
		h.arrive(q)
	case stepCopy:
		h.left.trouble--
		h.air = append(h.air, h.workers[s.n].request)
	case stepCrash:
		h.left.trouble--
		h.crash(h.workers[s.n])
	case stepGo:
		w := h.workers[s.n]
		h.works(w)
		h.resume(w, simReply{})
	default:
		w := h.workers[s.n]
		a := simReply{err: errSimStore}
		if s.kind == stepRefuse {
			a.err = errSimRefused
		} else if s.kind != stepLoseRequest {
			existing, err := h.arrive(w.request)
			if s.kind == stepDeliver {
				a = simReply{existing: existing, err: err}
			}
		}
		if s.kind != stepDeliver {
			h.left.trouble--
		}
		h.answered(w, a)
		h.resume(w, a)
	}
	h.checkLive()
}

// arrive has the store do what a request asks for, and checks it.
func (h *simHistory) arrive(q simRequest) (existing *idempotency.Record, err error) {
	before := h.store.records[q.rec.Key]
	if h.sc.hole != nil {
		existing, err = h.sc.hole(h.store, q)
	} else {
		existing, err = h.store.apply(q)
	}
	h.checkChange(&q, before, h.store.records[q.rec.Key])
	h.applied(&q, existing, err)
	if h.tell != nil {
		h.tell("    %s %s: %s, now %s", q.by.name, q.op, h.describeReply(existing, err), h.describeRecord(h.store.records[q.rec.Key]))
	}
	return existing, err
}

// crash ends a process. Its goroutine ends as well, and whatever it still says goes nowhere.
func (h *simHistory) crash(w *simWorker) {
	w.crashed = true
	h.count(w)
	for _, r := range h.runs {
		if r.w == w {
			r.working = false
		}
	}
	h.resume(w, simReply{err: errSimCrashed, crashed: true})
}

// resume gives a worker its turn.
func (h *simHistory) resume(w *simWorker, a simReply) {
	w.trace = h.traceOf(w, a)
	w.down <- a
	<-h.up
	if w.crashed {
		return
	}
	if w.over {
		w.over = false
		h.checkEnd(w)
	}
	switch w.pending {
	case simStarts:
		h.checkStart(w)
	case simAsks:
		h.checkRequest(w)
	}
}

// settle ends a history, when all is quiet: a key whose leases have run out lets a call go on,
// and one whose results have expired lets it run.
func (h *simHistory) settle() {
	h.left = simBudget{}
	for _, expired := range []bool{false, true} {
		for _, key := range h.store.keys {
			if r := h.store.records[key]; r != nil && r.Status == idempotency.InProgress {
				h.now = max(h.now, simTimeOf(r.Lease)+1)
			} else if r != nil && expired {
				h.now = max(h.now, simTimeOf(r.Expiration)+1)
			}
		}
		for _, key := range h.store.keys {
			w := h.newWorker(0, []simCall{{key: key}})
			for h.bad == nil && h.enabled() {
				h.take(h.steps[0])
			}
			if h.bad == nil {
				h.checkProgress(w, expired)
			}
		}
		h.steps = h.steps[:0]
	}
}
